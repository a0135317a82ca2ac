{{/* How many rules the values hold: those of `rules:` lists, and documents that are a rule themselves. */}}
{{- define "modbot.ruleCount" -}}
{{- $count := 0 -}}
{{- range $files := .Values.rules -}}
{{- range $file, $text := $files -}}
{{- if and (regexMatch `\.ya?ml$` $file) (not (regexMatch `\.test\.ya?ml$` $file)) -}}
{{- range $document := regexSplit `(?m)^---` $text -1 -}}
{{- with fromYaml $document -}}
{{- if hasKey . "rules" -}}
{{- $count = add $count (len .rules) -}}
{{- else if not (omit . "version" "settings" "lists" "conditions" "actions" "counters" | empty) -}}
{{- $count = add1 $count -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $count -}}
{{- end -}}

{{/* Whether a secret stands in a forum's settings as a text; empty: none does. Takes the forum's settings. */}}
{{- define "modbot.hasInlineSecret" -}}
{{- $webhook := default dict .webhook -}}
{{- range concat (list .api_key $webhook.token) (default list $webhook.signing_secrets) -}}
{{- if kindIs "string" . -}}yes{{- end -}}
{{- end -}}
{{- end -}}
