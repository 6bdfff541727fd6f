{{- define "kluster.name" -}}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{- end }}

{{- define "kluster.labels" -}}
app.kubernetes.io/name: kluster005
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "kluster.selector" -}}
app.kubernetes.io/name: kluster005
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The number of seats: one for each team, or for each person, or as many as asked for. */}}
{{- define "kluster.seats" -}}
{{- with .Values.event }}{{ if .teams }}{{ len .teams }}{{ else }}{{ max (int .seats) (len (.people | default list)) }}{{ end }}{{ end -}}
{{- end }}

{{/* Measured: 36 MiB a seat and 150 MiB for the server; a busy worker uses one processor. */}}
{{- define "kluster.resources" -}}
{{- if .Values.resources }}{{ toYaml .Values.resources }}{{ else -}}
{{- $memory := add 256 (mul 45 (include "kluster.seats" . | int)) -}}
requests: {cpu: {{ printf "%dm" (add 200 (mul 300 .Values.workers)) }}, memory: {{ $memory }}Mi}
limits: {memory: {{ div (mul $memory 3) 2 }}Mi}
{{- end }}
{{- end }}

{{- define "kluster.scheme" -}}{{ if .Values.tls.secretName }}HTTPS{{ else }}HTTP{{ end }}{{- end }}
