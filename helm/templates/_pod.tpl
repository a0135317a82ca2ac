{{/* What every pod of the chart has in common: Deployments, the rules check and the test. */}}

{{/* The restricted security profile's part of a pod, and what all pods need to be placed. */}}
{{- define "modbot.pod" -}}
automountServiceAccountToken: {{ .Values.serviceAccount.automountToken }}
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- range $field := list "imagePullSecrets" "nodeSelector" "tolerations" "affinity" "priorityClassName" }}
{{- with index $.Values $field }}
{{ $field }}: {{ toJson . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A container of modbot's image. */}}
{{- define "modbot.container" -}}
{{- with .Values.image -}}
{{- $tag := default $.Chart.AppVersion .tag -}}
image: {{ ternary (printf "%s@%s" .repository .digest) (printf "%s:%s" .repository $tag) (ne .digest "") | quote }}
imagePullPolicy: {{ .pullPolicy }}
{{- end }}
{{ include "modbot.profile" . }}
{{- end -}}

{{/* The restricted security profile's part of a container. */}}
{{- define "modbot.profile" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{/* The address of a Redis without a password; empty: a Secret holds it. */}}
{{- define "modbot.redisUrl" -}}
{{- if .Values.devRedis.enabled -}}
redis://{{ include "modbot.fullname" . }}-dev-redis:6379/0
{{- else -}}
{{- .Values.redis.url -}}
{{- end -}}
{{- end -}}

{{/* The environment. Its sources never share a name: modbot.refuse sees to that. */}}
{{- define "modbot.env" -}}
- name: MODBOT_REDIS_URL
  {{- with include "modbot.redisUrl" . }}
  value: {{ . | quote }}
  {{- else }}
  valueFrom: {secretKeyRef: {name: {{ .Values.redis.existingSecret | quote }}, key: {{ .Values.redis.key | quote }}}}
  {{- end }}
{{- range $name, $from := .Values.secretEnv }}
- name: {{ $name | quote }}
  valueFrom: {secretKeyRef: {name: {{ $from.secret | quote }}, key: {{ $from.key | quote }}}}
{{- end }}
{{- range $name, $value := merge (dict) .Values.extraEnv .Values.env }}
- {{ merge (dict "name" $name) (ternary (dict "value" $value) $value (kindIs "string" $value)) | toJson }}
{{- end }}
{{- end -}}

{{- define "modbot.mounts" -}}
- {name: config, mountPath: /etc/modbot, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- end -}}

{{/*
The volumes. /etc/modbot is one directory with modbot.yaml, secrets/FOLDER/KEY and rules/FOLDER/FILE beside it, never a
subPath mount, which would not follow changes. Takes (list $ "config" "rules"): the suffixes of the ConfigMaps; "" for the
first: neither modbot.yaml nor secrets.
*/}}
{{- define "modbot.volumes" -}}
{{- $root := index . 0 -}}
{{- $prefix := include "modbot.fullname" $root -}}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
- name: config
  {{- if not (or (index . 1) $root.Values.rules $root.Values.existingRules) }}
  emptyDir: {sizeLimit: 1Mi}
  {{- else }}
  projected:
    sources:
      {{- with index . 1 }}
      - configMap: {name: {{ $prefix }}-{{ . }}}
      {{- range $folder, $from := $root.Values.secretFiles }}
      - secret:
          name: {{ $from.secret | quote }}
          items:
            {{- range $from.keys }}
            - {key: {{ . | quote }}, path: "secrets/{{ $folder }}/{{ . }}"}
            {{- end }}
      {{- end }}
      {{- end }}
      {{- if $root.Values.rules }}
      - configMap:
          name: {{ $prefix }}-{{ index . 2 }}
          items:
            {{- range $folder, $files := $root.Values.rules }}
            {{- range $file := keys $files | sortAlpha }}
            - {key: "{{ $folder }}.{{ $file }}", path: "rules/{{ $folder }}/{{ $file }}"}
            {{- end }}
            {{- end }}
      {{- end }}
      {{- range $folder, $from := $root.Values.existingRules }}
      - configMap:
          name: {{ $from.configMap | quote }}
          items:
            {{- range $from.keys }}
            - {key: {{ . | quote }}, path: "rules/{{ $folder }}/{{ . }}"}
            {{- end }}
      {{- end }}
  {{- end }}
{{- end -}}

{{/* The rules as a ConfigMap's data: the key FOLDER.FILE, since a key holds no slash and a folder's name no dot. */}}
{{- define "modbot.rulesData" -}}
{{- range $folder, $files := .Values.rules }}
{{- range $file, $text := $files }}
"{{ $folder }}.{{ $file }}": {{ toJson $text }}
{{- end }}
{{- end }}
{{- end -}}
