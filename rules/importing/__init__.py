"""AutoModerator configurations of Reddit, read into rules of modbot. Text in, values out.

`rules.importing.configuration.import_configuration` is the way in; `service.cli` alone uses it. What Reddit does is
taken from its public documentation ("Full AutoModerator documentation") and its last published source (2017).
"""
