{{- define "deucalion.name" -}}
{{ .Release.Name }}
{{- end }}

{{- define "deucalion.selector" -}}
app.kubernetes.io/name: deucalion
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "deucalion.labels" -}}
{{ include "deucalion.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "deucalion.account" -}}
{{ default (include "deucalion.name" .) .Values.serviceAccount.name }}
{{- end }}
