{{/* Names and labels. */}}

{{/* At most 50 characters: with the longest suffix it must fit in 63. */}}
{{- define "modbot.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "modbot.fullname" -}}
{{- $name := include "modbot.name" . -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $full .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "modbot.serviceAccount" -}}
{{- default (ternary (include "modbot.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}

{{/* What tells the release's pods from others. */}}
{{- define "modbot.releaseLabels" -}}
app.kubernetes.io/name: {{ include "modbot.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* What tells a component's pods apart. Immutable: never add to it. Takes (list $ "component"). */}}
{{- define "modbot.selector" -}}
{{ include "modbot.releaseLabels" (index . 0) }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* All labels. Takes (list $ "component"). */}}
{{- define "modbot.labels" -}}
{{- $root := index . 0 -}}
{{ include "modbot.selector" . }}
app.kubernetes.io/part-of: modbot
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name ($root.Chart.Version | replace "+" "_") }}
{{- end -}}

{{/* Name, namespace and labels of an object: PREFIX-component. Takes (list $ "component"). */}}
{{- define "modbot.metadata" -}}
{{- $root := index . 0 -}}
name: {{ include "modbot.fullname" $root }}-{{ index . 1 }}
namespace: {{ $root.Release.Namespace | quote }}
labels:
  {{- include "modbot.labels" . | nindent 2 }}
{{- end -}}

{{/* A pod's labels: the user's, and the chart's over them. Takes (list $ "component"). */}}
{{- define "modbot.podLabels" -}}
{{- $root := index . 0 -}}
{{- merge (include "modbot.labels" . | fromYaml) $root.Values.podLabels | toYaml -}}
{{- end -}}
