{{/* Who may reach whom, for networkpolicies.yaml. Probes come from the node, which policies let through. */}}

{{/* A rule. Takes (list PORTS "from"|"to" PEERS); no peers: anybody. */}}
{{- define "modbot.rule" -}}
{{- $peers := index . 2 -}}
- ports:
    {{- range index . 0 }}
    - {protocol: {{ .protocol | default "TCP" }}, port: {{ .port }}}
    {{- end }}
  {{- with $peers }}
  {{ index $ 1 }}: {{ toJson . }}
  {{- end }}
{{- end -}}

{{/* Pods of this release, as a peer. Takes (list $ "component"…). */}}
{{- define "modbot.peer" -}}
podSelector:
  matchLabels:
    {{- include "modbot.releaseLabels" (index . 0) | nindent 4 }}
  matchExpressions:
    - {key: app.kubernetes.io/component, operator: In, values: {{ toJson (rest .) }}}
{{- end -}}

{{- define "modbot.toNames" -}}
{{- include "modbot.rule" (list (list (dict "port" 53 "protocol" "UDP") (dict "port" 53)) "to" list) -}}
{{- end -}}

{{- define "modbot.toRedis" -}}
{{- $peers := .Values.networkPolicy.redisTo -}}
{{- if .Values.devRedis.enabled -}}
{{- $peers = list (include "modbot.peer" (list . "dev-redis") | fromYaml) -}}
{{- end -}}
{{- include "modbot.rule" (list (list (dict "port" (include "modbot.redisPort" .))) "to" $peers) -}}
{{- end -}}

{{- define "modbot.toForums" -}}
{{- include "modbot.rule" (list (list (dict "port" 443)) "to" .Values.networkPolicy.forumsTo) -}}
{{- end -}}

{{- define "modbot.toOthers" -}}
{{- with .Values.networkPolicy.extraEgress -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}

{{- define "modbot.fromMonitoring" -}}
{{- include "modbot.rule" (list (list (dict "port" "admin")) "from" .Values.networkPolicy.metricsFrom) -}}
{{- end -}}

{{/* By name: the components that a policy is for, and its rules. */}}
{{- define "modbot.policies" -}}
{{- $from := .Values.networkPolicy.webhooksFrom -}}
{{- if and $from .Values.helmTest.enabled -}}
{{- $from = append $from (include "modbot.peer" (list . "test") | fromYaml) -}}
{{- end -}}
{{- $roles := keys .Values.workers | sortAlpha -}}
web:
  components: [web]
  ingress:
    {{- include "modbot.rule" (list (list (dict "port" "webhooks")) "from" $from) | nindent 4 }}
    {{- include "modbot.fromMonitoring" . | nindent 4 }}
  egress:
    {{- include "modbot.toNames" . | nindent 4 }}
    {{- include "modbot.toRedis" . | nindent 4 }}
    {{- include "modbot.toOthers" . | nindent 4 }}
workers:
  components: {{ toJson $roles }}
  ingress:
    {{- include "modbot.fromMonitoring" . | nindent 4 }}
  egress:
    {{- include "modbot.toNames" . | nindent 4 }}
    {{- include "modbot.toRedis" . | nindent 4 }}
    {{- include "modbot.toForums" . | nindent 4 }}
    {{- include "modbot.toOthers" . | nindent 4 }}
{{- if .Values.helmTest.enabled }}
test:
  components: [test]
  egress:
    {{- include "modbot.toNames" . | nindent 4 }}
    {{- include "modbot.rule" (list (list (dict "port" 8080)) "to" (list (include "modbot.peer" (list . "web") | fromYaml))) | nindent 4 }}
    {{- include "modbot.toRedis" . | nindent 4 }}
    {{- include "modbot.toForums" . | nindent 4 }}
{{- end }}
{{- if .Values.rulesCheck.enabled }}
rules-check:
  components: [rules-check]
{{- end }}
{{- if .Values.devRedis.enabled }}
dev-redis:
  components: [dev-redis]
  ingress:
    {{- $clients := include "modbot.peer" (concat (list . "test" "web") $roles) | fromYaml }}
    {{- include "modbot.rule" (list (list (dict "port" "redis")) "from" (list $clients)) | nindent 4 }}
{{- end }}
{{- end -}}
