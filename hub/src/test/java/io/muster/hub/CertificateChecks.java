package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.certificates.TlsClient;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often a hub has looked at certificates of clients, and what came of it, by its metrics: a
 * client is not told why it is refused.
 */
final class CertificateChecks {

    private static final Pattern LINE =
            Pattern.compile(
                    "(?m)^muster_certificate_checks_total\\{at=\"(\\w+)\",outcome=\"(\\w+)\"} ([0-9.E]+)$");

    private CertificateChecks() {}

    /** By place and outcome, such as {@code handshake revoked}; what never happened is missing. */
    static Map<String, Integer> of(RunningHub hub) {
        Map<String, Integer> counts = new TreeMap<>();
        Matcher lines = LINE.matcher(hub.operator().withoutToken().get("/metrics").text());
        while (lines.find()) {
            counts.put(
                    lines.group(1) + " " + lines.group(2),
                    (int) Double.parseDouble(lines.group(3)));
        }
        return counts;
    }

    /** What has come since then. */
    static Map<String, Integer> since(Map<String, Integer> before, RunningHub hub) {
        Map<String, Integer> now = of(hub);
        now.replaceAll((check, count) -> count - before.getOrDefault(check, 0));
        now.values().removeIf(count -> count == 0);
        return now;
    }

    /**
     * A client is refused, once, in the handshake, for this and nothing else.
     *
     * @param outcome as the metric calls it
     * @param answer has it sign in, and tells how it was answered
     */
    static void requireRefusedInHandshake(RunningHub hub, String outcome, IntSupplier answer) {
        Map<String, Integer> before = of(hub);
        assertThat(answer.getAsInt()).as(outcome).isEqualTo(TlsClient.CLOSED);
        assertThat(since(before, hub)).isEqualTo(Map.of("handshake " + outcome, 1));
    }
}
