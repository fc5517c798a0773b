package io.muster.broker.conformance.table;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The text of {@code docs/conformance.md}. Immutable. */
record ConformanceTable(
        List<NormativeTest> tests, Function<NormativeTest, Optional<TestResults.Result>> results) {

    private static final String INTRODUCTION =
            """
            # Conformance

            Each normative statement of the MQTT specifications, what it asks for in our words, the tests that prove it by raw bytes over a
            socket, and how they ended. The build makes this page and fails if it is not up to date; do not edit it.
            """;

    ConformanceTable {
        tests = List.copyOf(tests);
    }

    String text() {
        StringBuilder text = new StringBuilder(INTRODUCTION);
        for (Specification specification : Specification.values()) {
            append(text, specification);
        }
        return text.toString();
    }

    private void append(StringBuilder text, Specification specification) {
        List<Statement> statements = List.copyOf(specification.statements());
        long proved = statements.stream().filter(Statement::needsTest).count();
        text.append("\n## ").append(specification.title()).append("\n\n");
        text.append(
                "%d statements: %d bind a server and are tested, %d need no test.\n\n"
                        .formatted(statements.size(), proved, statements.size() - proved));
        text.append("| statement | what it asks for | tests | result |\n|---|---|---|---|\n");
        statements.forEach(statement -> text.append(row(specification, statement)));
    }

    private String row(Specification specification, Statement statement) {
        List<NormativeTest> proofs =
                tests.stream().filter(test -> test.proves(specification, statement)).toList();
        return "| MQTT-%s | %s | %s | %s |\n"
                .formatted(
                        statement.number(),
                        statement.sentence(),
                        proofs.stream()
                                .map(test -> test.simpleType() + ": " + test.sentence())
                                .collect(Collectors.joining("<br>")),
                        result(statement, proofs));
    }

    private String result(Statement statement, List<NormativeTest> proofs) {
        if (proofs.isEmpty()) {
            return statement.needsTest() ? "**no test**" : "no test: " + statement.whyNoTest();
        }
        return proofs.stream()
                .map(results)
                .map(result -> result.orElse(TestResults.Result.SKIPPED))
                .reduce(TestResults.Result.PASSED, TestResults.Result::or)
                .name()
                .toLowerCase(Locale.ROOT);
    }
}
