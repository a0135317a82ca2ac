{{/* What values.schema.json cannot say: values that do not fit together. Rendered first, by deployments.yaml. */}}
{{- define "modbot.refuse" -}}
{{- include "modbot.refuseRedis" . -}}
{{- include "modbot.refuseConfig" . -}}
{{- include "modbot.refuseEnv" . -}}
{{- include "modbot.refuseRules" . -}}
{{- include "modbot.refuseGrace" . -}}
{{- include "modbot.refuseScaling" . -}}
{{- include "modbot.refuseHosts" . -}}
{{- if eq .Values.image.tag "latest" -}}
{{- fail "image.tag is latest, which changes under running pods: name a version, or set image.digest" -}}
{{- end -}}
{{- if hasSuffix ":latest" .Values.devRedis.image -}}
{{- fail "devRedis.image is latest, which changes under running pods: name a version or a digest" -}}
{{- end -}}
{{- end -}}

{{- define "modbot.refuseHosts" -}}
{{- range $way := list "ingress" "httpRoute" -}}
{{- with index $.Values $way -}}
{{- if and .enabled (not .host) -}}
{{- fail (printf "%s.enabled is true, but %s.host is empty: set the host name that the forum calls" $way $way) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with .Values.httpRoute -}}
{{- if and .enabled (not .parentRefs) -}}
{{- fail "httpRoute.enabled is true, but httpRoute.parentRefs is empty: name the gateway, as [{name: public, namespace: gateways}]" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "modbot.refuseRedis" -}}
{{- if .Values.devRedis.enabled -}}
{{- if or .Values.redis.existingSecret .Values.redis.url -}}
{{- fail "devRedis.enabled is true, but redis names one of yours: keep one" -}}
{{- end -}}
{{- else -}}
{{- with .Values.redis -}}
{{- if and .existingSecret .url -}}
{{- fail "redis.existingSecret and redis.url are both set: keep one" -}}
{{- else if not (or .existingSecret .url) -}}
{{- fail "modbot needs a Redis or Valkey of yours: set redis.existingSecret to the Secret that holds its address, or redis.url if the address holds no password; for a trial, devRedis.enabled" -}}
{{- else if contains "@" .url -}}
{{- fail "redis.url holds a password: put the address into a Secret and name it in redis.existingSecret" -}}
{{- end -}}
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
{{- $seen := dict -}}
{{- range $source := list "env" "extraEnv" "secretEnv" -}}
{{- range $name := index $.Values $source | keys | sortAlpha -}}
{{- if hasPrefix "MODBOT_" $name -}}
{{- fail (printf "the variable %s belongs to the chart: set redis or config instead" $name) -}}
{{- end -}}
{{- with get $seen $name -}}
{{- fail (printf "the variable %s is in %s and in %s: keep one" $name . $source) -}}
{{- end -}}
{{- $_ := set $seen $name $source -}}
{{- end -}}
{{- end -}}
{{- range $reference := regexFindAll `\{"env":"[^"]*"\}` (toJson .Values.config) -1 -}}
{{- $name := get (fromJson $reference) "env" -}}
{{- if not (hasKey $seen $name) -}}
{{- fail (printf "config refers to {env: %s}: name the Secret that holds it in secretEnv.%s" $name $name) -}}
{{- end -}}
{{- end -}}
{{- range $reference := regexFindAll `\{"file":"secrets/[^"]*"\}` (toJson .Values.config) -1 -}}
{{- $path := get (fromJson $reference) "file" -}}
{{- $folder := index (splitList "/" $path) 1 -}}
{{- if not (has (trimPrefix (printf "secrets/%s/" $folder) $path) (dig $folder "keys" list $.Values.secretFiles)) -}}
{{- fail (printf "config refers to {file: %s}: name the Secret and its key in secretFiles.%s" $path $folder) -}}
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
{{- fail (printf "web.terminationGracePeriodSeconds is %d, but stopping takes config.drain_seconds + 25 s: set %d or more, or leave it out" (int .) $least) -}}
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

{{- define "modbot.refuseScaling" -}}
{{- with .Values.web -}}
{{- if and .autoscaling.enabled (not .replicas) -}}
{{- fail "web.replicas is 0, but web.autoscaling needs at least 1" -}}
{{- else if and .autoscaling.enabled (gt (int .replicas) (int .autoscaling.maxReplicas)) -}}
{{- fail (printf "web.replicas is %d, above web.autoscaling.maxReplicas, which is %d: raise this one" (int .replicas) (int .autoscaling.maxReplicas)) -}}
{{- end -}}
{{- end -}}
{{- if .Values.keda.enabled -}}
{{- if .Values.devRedis.enabled -}}
{{- fail "keda.enabled needs a Redis of yours: devRedis is for trials" -}}
{{- else if not (or .Values.keda.address .Values.redis.url) -}}
{{- fail "keda.enabled is true, but KEDA cannot read the address in redis.existingSecret: set keda.address to HOST:PORT" -}}
{{- end -}}
{{- range $role, $worker := .Values.workers -}}
{{- if gt (int $worker.replicas) (int $.Values.keda.maxReplicas) -}}
{{- fail (printf "workers.%s.replicas is %d, above keda.maxReplicas, which is %d: raise this one" $role (int $worker.replicas) (int $.Values.keda.maxReplicas)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
