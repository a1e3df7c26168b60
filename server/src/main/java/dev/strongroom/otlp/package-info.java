/**
 * What an OpenTelemetry collector is told, when the configuration names one: a span for each request and
 * the lines of the process log, by OTLP over HTTP.
 *
 * <p>It promises that a request never waits for the collector: what does not fit into a bounded queue, or
 * cannot be delivered, is dropped and counted. No span has the name of an object or anything of its
 * value. Nothing of the library is loaded while it is switched off. It knows {@code http} and
 * {@code model}. Start reading at {@link dev.strongroom.otlp.Collector}.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/">OpenTelemetry Protocol</a>
 */
package dev.strongroom.otlp;
