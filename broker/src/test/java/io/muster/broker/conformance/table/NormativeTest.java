package io.muster.broker.conformance.table;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.muster.broker.conformance.Normative;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * A test that proves normative statements.
 *
 * @param type the class that it stands in
 * @param method its name in that class, which is a sentence
 * @param normative what it says it proves
 */
record NormativeTest(String type, String method, Normative normative) {

    /** All of them, found among the compiled classes of this module. */
    static List<NormativeTest> all() {
        JavaClasses classes = new ClassFileImporter().importPackages("io.muster.broker");
        return classes.stream()
                .flatMap(each -> each.getMethods().stream())
                .filter(each -> each.isAnnotatedWith(Normative.class))
                .map(NormativeTest::of)
                .sorted(Comparator.comparing(NormativeTest::id))
                .toList();
    }

    private static NormativeTest of(JavaMethod method) {
        return new NormativeTest(
                method.getOwner().getName(),
                method.getName(),
                method.getAnnotationOfType(Normative.class));
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
        return method.replaceAll("(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Za-z])", " ")
                .toLowerCase(Locale.ROOT)
                .replaceAll("\\bqos\\b", "QoS")
                .replaceAll("\\butf 8\\b", "UTF-8");
    }

    boolean proves(Specification specification, Statement statement) {
        return specification.numbers(normative).contains(statement.number());
    }
}
