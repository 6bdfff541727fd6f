{{/* Values that can't work are refused here, each with a sentence. */}}
{{- define "kluster.checks" -}}
{{- $seats := include "kluster.seats" . | int -}}
{{- $room := mul .Values.workers .Values.seatsPerWorker | int -}}
{{- if eq $seats 0 }}{{ fail "event: give seats, people or teams." }}{{ end -}}
{{- if gt $seats $room }}
{{- fail (printf "event: %d seats do not fit: %d workers of %d seats hold %d. Raise workers, or make two releases." $seats (int .Values.workers) (int .Values.seatsPerWorker) $room) }}
{{- end -}}
{{- if hasKey .Values "replicas" }}{{ fail "replicas: one event has one server, since its folder has one writer. For more seats raise workers; for another class make another release." }}{{ end -}}
{{- if and .Values.ingress.enabled .Values.route.enabled }}{{ fail "ingress, route: enable one of them." }}{{ end -}}
{{- if and (or .Values.ingress.enabled .Values.route.enabled) (not .Values.publicURL) }}{{ fail "publicURL: an Ingress or a route needs the address at which browsers reach it." }}{{ end -}}
{{- if and .Values.route.enabled (not .Values.route.parentRefs) }}{{ fail "route.parentRefs: name the Gateway." }}{{ end -}}
{{- if and .Values.metrics.serviceMonitor (not .Values.metrics.tokenSecret) }}{{ fail "metrics.tokenSecret: a ServiceMonitor needs the Secret with the token." }}{{ end -}}
{{- if and .Values.tls.secretName .Values.ingress.enabled (not .Values.ingress.annotations) }}{{ fail "tls.secretName: the Ingress must speak TLS to the pod; say so in ingress.annotations, or leave TLS to the Ingress (ingress.secretName)." }}{{ end -}}
{{- end }}
