{{/* Where Redis is, as others than modbot ask for it. */}}

{{/* HOST:PORT of redis.url or of devRedis; empty: a Secret holds it. */}}
{{- define "modbot.redisAddress" -}}
{{- with include "modbot.redisUrl" . -}}
{{- $host := (urlParse .).host -}}
{{- ternary $host (printf "%s:6379" $host) (regexMatch `:[0-9]+$` $host) -}}
{{- end -}}
{{- end -}}

{{- define "modbot.redisPort" -}}
{{- $address := include "modbot.redisAddress" . -}}
{{- .Values.networkPolicy.redisPort | default (regexFind `[0-9]+$` $address) | default 6379 -}}
{{- end -}}

{{/* The address as KEDA's redis trigger takes it: apart, each part a text. */}}
{{- define "modbot.kedaRedis" -}}
{{- with .Values.keda -}}
{{- if .address -}}
address: {{ .address | quote }}
databaseIndex: {{ .database | quote }}
enableTLS: {{ .tls | quote }}
{{- else -}}
{{- $url := urlParse (include "modbot.redisUrl" $) -}}
address: {{ include "modbot.redisAddress" $ | quote }}
databaseIndex: {{ trimPrefix "/" $url.path | default "0" | quote }}
enableTLS: {{ eq $url.scheme "rediss" | quote }}
{{- end -}}
{{- end -}}
{{- end -}}
