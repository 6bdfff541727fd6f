{{- define "kluster.name" -}}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{- end }}

{{- define "kluster.labels" -}}
app.kubernetes.io/name: kluster005
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* The labels by which pods are chosen: of (list $ "server") or (list $ "worker"). */}}
{{- define "kluster.selector" -}}
app.kubernetes.io/name: kluster005
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* The number of seats: one for each team, or for each person, or as many as asked for. */}}
{{- define "kluster.seats" -}}
{{- with .Values.event }}{{ if .teams }}{{ len .teams }}{{ else }}{{ max (int .seats) (len (.people | default list)) }}{{ end }}{{ end -}}
{{- end }}

{{/* The processes with seats in the server's own pod; with workers in pods there are none. */}}
{{- define "kluster.inside" -}}
{{- if .Values.workers }}0{{ else }}{{ div (add (include "kluster.seats" . | int) .Values.seatsPerPod -1) .Values.seatsPerPod }}{{ end -}}
{{- end }}

{{/* Requests and limits for (list SEATS PROCESSES). Measured: 36 MiB a seat and 150 MiB besides; a busy worker uses one processor. */}}
{{- define "kluster.measured" -}}
{{- $memory := add 256 (mul 45 (index . 0)) -}}
requests: {cpu: {{ printf "%dm" (add 200 (mul 300 (index . 1))) }}, memory: {{ $memory }}Mi}
limits: {memory: {{ div (mul $memory 3) 2 }}Mi}
{{- end }}

{{- define "kluster.image" -}}
image: {{ printf "%s:%s" .Values.image.repository .Values.image.tag | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* What the pods of server and workers share. */}}
{{- define "kluster.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
# The labs are saved, each in less than a second.
terminationGracePeriodSeconds: 60
securityContext:
  runAsNonRoot: true
  runAsUser: 10005
  runAsGroup: 10005
  fsGroup: 10005
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* A volume called (index . 1) of its own for each pod, which goes with the release: write the report first. */}}
{{- define "kluster.claims" -}}
{{- $ := index . 0 -}}
volumeClaimTemplates:
  - metadata:
      name: {{ index . 1 }}
      labels: {{- include "kluster.selector" (list $ (index . 2)) | nindent 8 }}
    spec:
      accessModes: [ReadWriteOnce]
      {{- with $.Values.storage.className }}
      storageClassName: {{ . }}
      {{- end }}
      resources: {requests: {storage: {{ $.Values.storage.size }}}}
persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Retain}
{{- end }}

{{- define "kluster.scheme" -}}{{ if .Values.tls.secretName }}HTTPS{{ else }}HTTP{{ end }}{{- end }}
