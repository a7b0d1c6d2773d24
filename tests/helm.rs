//! The Helm chart: what it renders, and that Writ accepts the settings in it. With
//! `WRIT_HELM_TESTS=1`, as `scripts/test-helm` sets it, there must be a `helm`.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::{Value, json};

const LEAST: &str = "ci/least-values.yaml";
const ALL: &str = "ci/all-values.yaml";

fn chart() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/helm/writ")
}

/// Whether there is a `helm`. A test without it ends at once, unless it is required.
fn has_helm() -> bool {
    let found = Command::new("helm").arg("version").output().is_ok();
    assert!(found || std::env::var_os("WRIT_HELM_TESTS").is_none(), "there is no helm");
    found
}

fn helm(command: &[&str], values: &str, more: &[&str]) -> Output {
    let output =
        Command::new("helm").args(command).arg(chart()).arg("--values").arg(chart().join(values)).args(more).output();
    output.expect("helm runs")
}

fn template(values: &str, more: &[&str]) -> Output {
    // A helm that Go has built assumes an old version of Kubernetes.
    helm(&["template", "login"], values, &[more, &["--kube-version", "1.34.0"]].concat())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// The rendered objects.
fn render(values: &str, more: &[&str]) -> Vec<Value> {
    let output = template(values, more);
    assert!(output.status.success(), "{values} {more:?}: {}", text(&output.stderr));
    let objects: Vec<Value> = serde_saphyr::from_multiple(&text(&output.stdout)).expect("YAML");
    objects.into_iter().filter(|object| !object.is_null()).collect()
}

fn refused(values: &str, more: &[&str]) -> String {
    let output = template(values, more);
    assert!(!output.status.success(), "{values} {more:?} was rendered");
    text(&output.stderr)
}

fn find<'a>(objects: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let found = objects.iter().find(|object| object["kind"] == kind && object["metadata"]["name"] == name);
    found.unwrap_or_else(|| panic!("{kind} {name} is not among {objects:#?}"))
}

fn kinds(objects: &[Value]) -> Vec<&str> {
    let mut kinds: Vec<&str> = objects.iter().filter_map(|object| object["kind"].as_str()).collect();
    kinds.sort_unstable();
    kinds
}

/// The pods of the server and of the migrations.
fn pods(objects: &[Value]) -> Vec<&Value> {
    let pods = objects.iter().filter(|object| matches!(object["kind"].as_str(), Some("Deployment" | "Job")));
    pods.map(|object| &object["spec"]["template"]["spec"]).collect()
}

/// The environment of a container. What is a reference to a secret has a value of the test.
fn environment(container: &Value) -> Vec<(String, String)> {
    let variables = container["env"].as_array().expect("variables").iter();
    let variable = |variable: &Value| {
        let name = variable["name"].as_str().expect("a name").to_owned();
        let value = match (&variable["value"], &variable["valueFrom"]["secretKeyRef"]["name"]) {
            (Value::String(value), Value::Null) => value.clone(),
            (Value::Null, Value::String(_)) => match name.as_str() {
                "WRIT__DATABASE__URL" => "postgres://writ:hunter2@db.example/writ".to_owned(),
                "WRIT__MAIL__URL" => "smtps://writ:hunter2@mail.example".to_owned(),
                _ => "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            },
            other => panic!("{name}: {other:?}"),
        };
        (name, value)
    };
    variables.map(variable).collect()
}

#[test]
fn chart_is_linted_without_a_warning() {
    if !has_helm() {
        return;
    }
    for values in [LEAST, ALL] {
        let output = helm(&["lint", "--strict"], values, &[]);
        let said = text(&output.stdout);
        assert!(output.status.success() && !said.contains("[WARNING]"), "{values}: {said} {}", text(&output.stderr));
    }
}

#[test]
fn least_values_render_two_hardened_nodes_and_a_migration() {
    if !has_helm() {
        return;
    }
    let objects = render(LEAST, &[]);
    let expected = ["ConfigMap", "Deployment", "Job", "PodDisruptionBudget", "Service", "ServiceAccount"];
    assert_eq!(kinds(&objects), expected);
    let deployment = find(&objects, "Deployment", "login-writ");
    assert_eq!(deployment["spec"]["replicas"], 2);
    assert_eq!(deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"], 45);
    for pod in pods(&objects) {
        assert_eq!(pod["automountServiceAccountToken"], false);
        assert_eq!(
            (&pod["securityContext"]["runAsNonRoot"], &pod["securityContext"]["runAsUser"]),
            (&json!(true), &json!(65532))
        );
        let container = &pod["containers"][0];
        assert_eq!(container["image"], concat!("ghcr.io/writ-id/writ:", env!("CARGO_PKG_VERSION")));
        let context = &container["securityContext"];
        assert_eq!(
            (&context["readOnlyRootFilesystem"], &context["allowPrivilegeEscalation"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(context["capabilities"]["drop"], json!(["ALL"]));
    }
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    for (probe, path) in [("livenessProbe", "/healthz"), ("startupProbe", "/healthz"), ("readinessProbe", "/readyz")] {
        assert_eq!(container[probe]["httpGet"], json!({ "path": path, "port": "http" }));
    }
    let selector = &deployment["spec"]["selector"]["matchLabels"];
    assert_eq!(&find(&objects, "Service", "login-writ")["spec"]["selector"], selector);
    assert_eq!(&find(&objects, "PodDisruptionBudget", "login-writ")["spec"]["selector"]["matchLabels"], selector);
    let job = &find(&objects, "Job", "login-writ-migrate")["spec"]["template"];
    assert_eq!(job["spec"]["containers"][0]["args"], json!(["migrate"]));
    assert_ne!(&job["metadata"]["labels"], selector, "the service does not lead to the migration");
}

#[test]
fn all_values_render_ingress_metrics_and_network_policy() {
    if !has_helm() {
        return;
    }
    let objects = render(ALL, &[]);
    let ingress = find(&objects, "Ingress", "login-writ");
    assert_eq!(ingress["spec"]["tls"], json!([{ "hosts": ["example.com"], "secretName": "id-tls" }]));
    let paths = ingress["spec"]["rules"][0]["http"]["paths"].as_array().expect("paths");
    let paths: Vec<&Value> = paths.iter().map(|path| &path["path"]).collect();
    assert_eq!(paths, ["/auth", "/.well-known/oauth-authorization-server/auth"]);
    let monitor = find(&objects, "ServiceMonitor", "login-writ");
    let service = find(&objects, "Service", "login-writ-metrics");
    for (label, value) in monitor["spec"]["selector"]["matchLabels"].as_object().expect("labels") {
        assert_eq!(&service["metadata"]["labels"][label], value);
        assert!(
            *label != "app.kubernetes.io/component"
                || find(&objects, "Service", "login-writ")["metadata"]["labels"][label].is_null()
        );
    }
    assert_eq!(service["metadata"]["labels"]["app.kubernetes.io/name"], "writ", "the job that the alerts expect");
    let policy = find(&objects, "NetworkPolicy", "login-writ");
    let [http, metrics] = policy["spec"]["ingress"].as_array().expect("rules").as_slice() else { panic!("{policy}") };
    assert_eq!((&http["ports"][0]["port"], &metrics["ports"][0]["port"]), (&json!("http"), &json!("metrics")));
    assert_ne!(http["from"], metrics["from"]);
    let restricted =
        render(ALL, &["--set", "replicas=1", "--set", "metrics.enabled=false", "--set", "migrations.job=false"]);
    let expected = ["ConfigMap", "Deployment", "Ingress", "NetworkPolicy", "Service", "ServiceAccount"];
    assert_eq!(kinds(&restricted), expected);
}

#[test]
fn rendered_settings_are_accepted_and_have_no_secret() {
    if !has_helm() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (values, issuer) in [(LEAST, "https://id.example.com"), (ALL, "https://example.com/auth")] {
        let objects = render(values, &[]);
        let file = folder.path().join("writ.toml");
        let config = &find(&objects, "ConfigMap", "login-writ")["data"]["writ.toml"];
        std::fs::write(&file, config.as_str().unwrap_or_default()).expect("written");
        for pod in pods(&objects) {
            let output = Command::new(env!("CARGO_BIN_EXE_writ"))
                .args(["config", "print", "--config"])
                .arg(&file)
                .env_clear()
                .envs(environment(&pod["containers"][0]))
                .output()
                .expect("writ runs");
            let printed = text(&output.stdout);
            assert!(output.status.success(), "{values}: {}", text(&output.stderr));
            assert!(printed.contains(&format!("issuer = \"{issuer}\"")), "{printed}");
            assert!(printed.contains("10.244.0.0/16"), "{printed}");
        }
        assert!(!json!(objects).to_string().contains("postgres://"), "the URL of the database is a reference");
    }
}

#[test]
fn missing_and_unknown_values_are_refused_by_name() {
    if !has_helm() {
        return;
    }
    for (more, reason) in [
        (&["--set", "issuer="][..], "issuer is required"),
        (&["--set", "issuer=http://id.example.com"], "issuer"),
        (&["--set", "trustedProxies=null"], "trustedProxies is required"),
        (&["--set", "database.secretName="], "database.secretName is required"),
        (&["--set", "masterKey.secretName="], "masterKey.secretName is required"),
        (&["--set", "replicas=0"], "replicas"),
        (&["--set", "masterKey.value=AAAA"], "value"),
        (&["--set", "databse.secretName=a"], "databse"),
    ] {
        let said = refused(LEAST, more);
        assert!(said.contains(reason), "{more:?}: {said}");
    }
}
