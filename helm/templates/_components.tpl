{{/* The four processes: how each is started, where its probes are, and how long it may take to stop. */}}

{{/* Seconds that a worker needs at most: the job's timeout, the wait for a permit, and a margin. */}}
{{- define "modbot.workerSeconds" -}}{{ add 30 5 15 }}{{- end -}}

{{/* Seconds that the web process needs at most: the drain, 10 for each of its two servers to finish, and a margin. */}}
{{- define "modbot.webSeconds" -}}
{{- add (ceil (.Values.config.drain_seconds | default 0) | int) 10 10 5 -}}
{{- end -}}

{{/* A mapping from component to args, adminPort, seconds, and the user's replicas and resources; scaled: by an autoscaler. */}}
{{- define "modbot.components" -}}
web:
  args: [serve]
  adminPort: 9090
  replicas: {{ .Values.web.replicas }}
  scaled: {{ .Values.web.autoscaling.enabled }}
  resources: {{ toJson .Values.web.resources }}
  seconds: {{ default (include "modbot.webSeconds" .) .Values.web.terminationGracePeriodSeconds }}
{{- range $role, $worker := .Values.workers }}
{{ $role }}:
  args: [work, --role, {{ $role }}]
  adminPort: 9091
  replicas: {{ $worker.replicas }}
  scaled: {{ $.Values.keda.enabled }}
  resources: {{ toJson $worker.resources }}
  seconds: {{ default (include "modbot.workerSeconds" $) $worker.terminationGracePeriodSeconds }}
{{- end }}
{{- end -}}
