{{/* What Prometheus and Grafana find. */}}

{{/* As modbot.metadata, with labels that are selected by. Takes (list $ "component" LABELS). */}}
{{- define "modbot.monitorMetadata" -}}
{{- $metadata := include "modbot.metadata" . | fromYaml -}}
{{- $_ := set $metadata "labels" (merge $metadata.labels (index . 2)) -}}
{{- toYaml $metadata -}}
{{- end -}}

{{/* A rule of files/alerts.yaml with the links that the values ask for. Takes (list $ RULE). */}}
{{- define "modbot.linkedRule" -}}
{{- $links := dict -}}
{{- $rule := index . 1 -}}
{{- with index . 0 -}}
{{- with .Values.prometheusRule.runbookUrl -}}
{{- $_ := set $links "runbook_url" (printf "%s#%s" . (lower $rule.alert)) -}}
{{- end -}}
{{- with .Values.prometheusRule.dashboardUrl -}}
{{- $_ := set $links "dashboard_url" . -}}
{{- end -}}
{{- end -}}
{{- merge (dict "annotations" (merge $links (default dict $rule.annotations))) $rule | toYaml -}}
{{- end -}}

{{/* The groups of files/alerts.yaml: without the alerts that are switched off, and without groups that this empties. */}}
{{- define "modbot.alertGroups" -}}
{{- $text := .Files.Get "files/alerts.yaml" -}}
{{- range $name := keys .Values.prometheusRule.disabled | sortAlpha -}}
{{- if not (regexMatch (printf `(?m)alert: %s$` $name) $text) -}}
{{- fail (printf "prometheusRule.disabled.%s is no alert of files/alerts.yaml" $name) -}}
{{- end -}}
{{- end -}}
{{- range (fromYaml $text).groups -}}
{{- $rules := list -}}
{{- range .rules -}}
{{- if not .alert -}}
{{- $rules = append $rules . -}}
{{- else if not (get $.Values.prometheusRule.disabled .alert) -}}
{{- $rules = append $rules (include "modbot.linkedRule" (list $ .) | fromYaml) -}}
{{- end -}}
{{- end -}}
{{- if $rules }}
{{ toYaml (list (merge (dict "rules" $rules) .)) }}
{{- end }}
{{- end -}}
{{- with .Values.prometheusRule.extraRules }}
- name: modbot-extra
  rules:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end -}}
