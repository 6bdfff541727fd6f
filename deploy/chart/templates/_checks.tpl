{{/* Values that can't work are refused here, each with a sentence. */}}
{{- define "kluster.checks" -}}
{{- $seats := include "kluster.seats" . | int -}}
{{- $room := mul .Values.workers .Values.seatsPerPod | int -}}
{{- if eq $seats 0 }}{{ fail "event: give seats, people or teams." }}{{ end -}}
{{- if and .Values.workers (gt $seats $room) }}
{{- fail (printf "event: %d seats do not fit: %d workers of %d seats hold %d. Raise workers, or make two releases." $seats (int .Values.workers) (int .Values.seatsPerPod) $room) }}
{{- end -}}
{{- if ne (empty .Values.keys.serverSecret) (empty .Values.keys.workerSecret) }}{{ fail "keys: give both Secrets, or none." }}{{ end -}}
{{- $server := lookup "apps/v1" "StatefulSet" .Release.Namespace (include "kluster.name" .) -}}
{{- $had := dig "spec" "replicas" 0 (lookup "apps/v1" "StatefulSet" .Release.Namespace (printf "%s-worker" (include "kluster.name" .))) | int -}}
{{- if lt (int .Values.workers) $had }}
{{- fail (printf "workers: %d pods have the labs of this event. Fewer would leave seats without theirs." $had) }}
{{- end -}}
{{- if and $server .Values.workers (eq $had 0) }}{{ fail "workers: the server's pod has the labs of this event. Leave it at 0." }}{{ end -}}
{{- if hasKey .Values "replicas" }}{{ fail "replicas: one event has one server, since its folder has one writer. For more seats raise workers; for another class make another release." }}{{ end -}}
{{- if and .Values.ingress.enabled .Values.route.enabled }}{{ fail "ingress, route: enable one of them." }}{{ end -}}
{{- if and (or .Values.ingress.enabled .Values.route.enabled) (not .Values.publicURL) }}{{ fail "publicURL: an Ingress or a route needs the address at which browsers reach it." }}{{ end -}}
{{- if and .Values.route.enabled (not .Values.route.parentRefs) }}{{ fail "route.parentRefs: name the Gateway." }}{{ end -}}
{{- if and .Values.metrics.serviceMonitor (not .Values.metrics.tokenSecret) }}{{ fail "metrics.tokenSecret: a ServiceMonitor needs the Secret with the token." }}{{ end -}}
{{- if and .Values.tls.secretName .Values.ingress.enabled (not .Values.ingress.annotations) }}{{ fail "tls.secretName: the Ingress must speak TLS to the pod; say so in ingress.annotations, or leave TLS to the Ingress (ingress.secretName)." }}{{ end -}}
{{- end }}
