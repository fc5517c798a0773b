package io.muster.broker.conformance.table;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.broker.conformance.Normative;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A specification and the lists of its statements, which are resources of the tests. */
enum Specification {
    MQTT_5_0("MQTT 5.0") {
        @Override
        List<String> numbers(Normative normative) {
            return List.of(normative.mqtt5());
        }
    },
    MQTT_3_1_1("MQTT 3.1.1") {
        @Override
        List<String> numbers(Normative normative) {
            return List.of(normative.mqtt3());
        }
    };

    private final String title;

    Specification(String title) {
        this.title = title;
    }

    /** The statements of this specification that a test says it proves. */
    abstract List<String> numbers(Normative normative);

    String title() {
        return title;
    }

    /** All statements, in the order of the first list; the others fill in what that leaves open. */
    Collection<Statement> statements() {
        Map<String, Statement> statements = new LinkedHashMap<>();
        for (String part : List.of("", "-a", "-b")) {
            text(title.toLowerCase(Locale.ROOT).replace(' ', '-') + part + ".md")
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(Statement::parse)
                    .forEach(each -> statements.merge(each.number(), each, Statement::with));
        }
        return statements.values();
    }

    private static String text(String list) {
        try (InputStream in = Specification.class.getResourceAsStream("/conformance/" + list)) {
            return in == null ? "" : new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
