{{- define "writ.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 53 | trimSuffix "-" }}
{{- end }}

{{- define "writ.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 53 | trimSuffix "-" }}
{{- else if contains (include "writ.name" .) .Release.Name }}
{{- .Release.Name | trunc 53 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "writ.name" .) | trunc 53 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "writ.selectorLabels" -}}
app.kubernetes.io/name: {{ include "writ.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "writ.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "writ.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "writ.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "writ.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "writ.image" -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}

{{/* What the server and the migrations need. Secrets are references. */}}
{{- define "writ.env" -}}
- name: WRIT__SERVER__ISSUER
  value: {{ required "issuer is required: the https URL of the server" .Values.issuer | quote }}
- name: WRIT__SERVER__LISTEN
  value: 0.0.0.0:8400
- name: WRIT__SERVER__TRUSTED_PROXIES
  {{- if not .Values.trustedProxies }}
  {{- fail "trustedProxies is required: the networks of the ingress controller" }}
  {{- end }}
  value: {{ join "," .Values.trustedProxies | quote }}
- name: WRIT__SERVER__SHUTDOWN_TIMEOUT
  value: {{ .Values.shutdownTimeout | quote }}
- name: WRIT__LOG__FORMAT
  value: json
- name: WRIT__DATABASE__POOL_SIZE
  value: {{ .Values.database.poolSize | quote }}
- name: WRIT__DATABASE__URL
  valueFrom:
    secretKeyRef:
      name: {{ required "database.secretName is required: a secret with the URL of PostgreSQL" .Values.database.secretName }}
      key: {{ .Values.database.secretKey }}
- name: WRIT_MASTER_KEY
  valueFrom:
    secretKeyRef:
      name: {{ required "masterKey.secretName is required: a secret with the master key" .Values.masterKey.secretName }}
      key: {{ .Values.masterKey.secretKey }}
{{- with .Values.masterKey.previousSecretKey }}
- name: WRIT_PREVIOUS_MASTER_KEY
  valueFrom:
    secretKeyRef:
      name: {{ $.Values.masterKey.secretName }}
      key: {{ . }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
