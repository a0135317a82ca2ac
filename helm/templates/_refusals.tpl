{{/* What values.schema.json cannot say: values that do not fit together. Rendered first, by deployments.yaml. */}}
{{- define "modbot.refuse" -}}
{{- include "modbot.refuseRedis" . -}}
{{- include "modbot.refuseConfig" . -}}
{{- include "modbot.refuseEnv" . -}}
{{- include "modbot.refuseRules" . -}}
{{- include "modbot.refuseGrace" . -}}
{{- if eq .Values.image.tag "latest" -}}
{{- fail "image.tag is latest, which changes under running pods: name a version, or set image.digest" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) -}}
{{- fail "ingress.enabled is true, but ingress.host is empty: set the host name that the forum calls" -}}
{{- end -}}
{{- end -}}

{{- define "modbot.refuseRedis" -}}
{{- with .Values.redis -}}
{{- if and .existingSecret .url -}}
{{- fail "redis.existingSecret and redis.url are both set: keep one" -}}
{{- else if not (or .existingSecret .url) -}}
{{- fail "modbot needs a Redis or Valkey of yours: set redis.existingSecret to the Secret that holds its address, or redis.url if the address holds no password" -}}
{{- else if contains "@" .url -}}
{{- fail "redis.url holds a password: put the address into a Secret and name it in redis.existingSecret" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "modbot.refuseConfig" -}}
{{- if not .Values.config.forums -}}
{{- fail "config.forums is empty: modbot needs at least one forum; values.yaml has an example" -}}
{{- end -}}
{{- if hasKey .Values.config "redis_url" -}}
{{- fail "config.redis_url would end up in a ConfigMap: use redis.existingSecret or redis.url" -}}
{{- end -}}
{{- end -}}

{{- define "modbot.refuseEnv" -}}
{{- range $name := concat (keys .Values.env) (keys .Values.secretEnv) | sortAlpha -}}
{{- if hasPrefix "MODBOT_" $name -}}
{{- fail (printf "the variable %s belongs to the chart: set redis or config instead" $name) -}}
{{- end -}}
{{- if and (hasKey $.Values.env $name) (hasKey $.Values.secretEnv $name) -}}
{{- fail (printf "the variable %s is in env and in secretEnv: keep one" $name) -}}
{{- end -}}
{{- end -}}
{{- range $reference := regexFindAll `\{"env":"[^"]*"\}` (toJson .Values.config) -1 -}}
{{- $name := get (fromJson $reference) "env" -}}
{{- if not (or (hasKey $.Values.env $name) (hasKey $.Values.secretEnv $name)) -}}
{{- fail (printf "config refers to {env: %s}: name the Secret that holds it in secretEnv.%s" $name $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "modbot.refuseRules" -}}
{{- range $folder := keys .Values.existingRules -}}
{{- if hasKey $.Values.rules $folder -}}
{{- fail (printf "the folder %s is in rules and in existingRules: keep one" $folder) -}}
{{- end -}}
{{- end -}}
{{- range $name, $forum := .Values.config.forums -}}
{{- range $path := $forum.rules -}}
{{- $folder := trimPrefix "rules/" $path | splitList "/" | first -}}
{{- if and (hasPrefix "rules/" $path) (ne $folder "packs") (not (hasKey $.Values.rules $folder)) (not (hasKey $.Values.existingRules $folder)) -}}
{{- fail (printf "config.forums.%s.rules names %s, but neither rules nor existingRules has a folder %s" $name $path $folder) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "modbot.refuseGrace" -}}
{{- $least := include "modbot.webSeconds" . | int -}}
{{- with .Values.web.terminationGracePeriodSeconds -}}
{{- if lt (int .) $least -}}
{{- fail (printf "web.terminationGracePeriodSeconds is %d, but stopping takes config.drain_seconds + 15 s: set %d or more, or leave it out" (int .) $least) -}}
{{- end -}}
{{- end -}}
{{- $least = include "modbot.workerSeconds" . | int -}}
{{- range $role, $worker := .Values.workers -}}
{{- with $worker.terminationGracePeriodSeconds -}}
{{- if lt (int .) $least -}}
{{- fail (printf "workers.%s.terminationGracePeriodSeconds is %d, but a job may run 30 s and wait 5 s for a permit: set %d or more, or leave it out" $role (int .) $least) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
