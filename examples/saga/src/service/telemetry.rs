//! Structured logs and, with the feature `otel`, traces to an OpenTelemetry collector.

use std::io::IsTerminal as _;

use serde::Deserialize;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The format of the logs.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text, for people.
    #[default]
    Text,
    /// JSON, for machines: one object per line.
    Json,
}

/// Owns the exporter of traces. Dropping it sends the buffered traces.
#[derive(Debug)]
#[must_use = "traces are exported as long as this lives"]
pub struct Telemetry {
    #[cfg(feature = "otel")]
    provider: opentelemetry_sdk::trace::SdkTracerProvider,
}

/// Starts logs on standard error, filtered by `RUST_LOG` (default: `info`) and, with the feature `otel`, traces to
/// the collector in `OTEL_EXPORTER_OTLP_ENDPOINT`.
///
/// # Errors
///
/// Logs were already started, or the exporter can't be created.
pub fn start(format: LogFormat) -> Result<Telemetry, Box<dyn std::error::Error + Send + Sync>> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // No color codes if the log is written to a file.
    let is_terminal = std::io::stderr().is_terminal();
    let text = tracing_subscriber::fmt::layer().with_ansi(is_terminal).with_writer(std::io::stderr);
    let (text, json) = match format {
        LogFormat::Text => (Some(text), None),
        LogFormat::Json => (None, Some(tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr))),
    };
    let subscriber = tracing_subscriber::registry().with(filter).with(text).with(json);
    #[cfg(feature = "otel")]
    {
        use opentelemetry::trace::TracerProvider as _;
        let exporter = opentelemetry_otlp::SpanExporter::builder().with_http().build()?;
        let mut resource = opentelemetry_sdk::Resource::builder();
        if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
            resource = resource.with_service_name(env!("CARGO_PKG_NAME"));
        }
        let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        let tracer = provider.tracer(env!("CARGO_PKG_NAME"));
        subscriber.with(tracing_opentelemetry::layer().with_tracer(tracer)).try_init()?;
        Ok(Telemetry { provider })
    }
    #[cfg(not(feature = "otel"))]
    {
        subscriber.try_init()?;
        Ok(Telemetry {})
    }
}

#[cfg(feature = "otel")]
impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Err(error) = self.provider.shutdown() {
            eprintln!("the last traces could not be sent: {error}");
        }
    }
}
