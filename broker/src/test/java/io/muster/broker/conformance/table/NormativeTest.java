package io.muster.broker.conformance.table;

import io.muster.broker.conformance.Normative;
import java.lang.reflect.Method;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * A test that proves normative statements.
 *
 * @param type the class that it stands in
 * @param method its name in that class, which is a sentence
 * @param normative what it says it proves
 */
record NormativeTest(String type, String method, Normative normative) {

    private static final String WORD_BEGINS =
            "(?=[A-Z])|(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-zA-Z])";

    /** Words that are written in capitals. */
    private static final Pattern TERMS =
            Pattern.compile(
                    "\\b(connack|puback|pubrec|pubrel|pubcomp|suback|unsuback|pingreq|pingresp"
                            + "|dup|auth|mqtt|utf)\\b");

    /** All of them, found among the compiled tests of this module. */
    static List<NormativeTest> all() {
        return ReflectionSupport.findAllClassesInPackage(
                        "io.muster.broker", type -> true, name -> name.endsWith("Test"))
                .stream()
                .flatMap(type -> Stream.of(type.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(Normative.class))
                .map(NormativeTest::of)
                .sorted(Comparator.comparing(NormativeTest::id))
                .toList();
    }

    private static NormativeTest of(Method method) {
        return new NormativeTest(
                method.getDeclaringClass().getName(),
                method.getName(),
                method.getAnnotation(Normative.class));
    }

    /** The name under which {@link TestResults} knows it. */
    String id() {
        return TestResults.id(type, method);
    }

    String simpleType() {
        return type.substring(type.lastIndexOf('.') + 1);
    }

    /** The name of the method in words. */
    String sentence() {
        String words = method.replaceAll(WORD_BEGINS, " ").toLowerCase(Locale.ROOT);
        return TERMS.matcher(words)
                .replaceAll(term -> term.group().toUpperCase(Locale.ROOT))
                .replaceAll("\\bqos\\b", "QoS")
                .replace("UTF 8", "UTF-8")
                .replace("MQTT 31", "MQTT 3.1");
    }

    boolean proves(Specification specification, Statement statement) {
        return specification.numbers(normative).contains(statement.number());
    }
}
