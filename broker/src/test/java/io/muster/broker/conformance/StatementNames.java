package io.muster.broker.conformance;

import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGenerator;

/** Names each test after the statements that it proves, then by its own sentence. */
public final class StatementNames extends DisplayNameGenerator.Simple {

    @Override
    public String generateDisplayNameForMethod(
            List<Class<?>> enclosing, Class<?> testClass, Method method) {
        String sentence = super.generateDisplayNameForMethod(enclosing, testClass, method);
        Normative normative = method.getAnnotation(Normative.class);
        return normative == null ? sentence : numbers(normative) + " " + sentence;
    }

    private static String numbers(Normative normative) {
        return Stream.concat(
                        Stream.of(normative.mqtt5()).map(number -> "[MQTT-" + number + "]"),
                        Stream.of(normative.mqtt3()).map(number -> "[MQTT3 MQTT-" + number + "]"))
                .collect(Collectors.joining(" "));
    }
}
