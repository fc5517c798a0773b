package io.muster.broker.conformance.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.broker.conformance.Normative;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** That the kit is complete: each statement that binds a server has a test. */
class StatementsTest {

    private static final List<NormativeTest> TESTS = NormativeTest.all();

    private static Set<String> proved(Specification specification) {
        return TESTS.stream()
                .flatMap(test -> specification.numbers(test.normative()).stream())
                .collect(Collectors.toSet());
    }

    private static Set<String> numbers(Collection<Statement> statements) {
        return statements.stream().map(Statement::number).collect(Collectors.toSet());
    }

    @ParameterizedTest
    @EnumSource
    void eachStatementThatBindsAServerHasATest(Specification specification) {
        assertThat(specification.statements())
                .filteredOn(Statement::needsTest)
                .extracting(Statement::number)
                .filteredOn(number -> !proved(specification).contains(number))
                .as("statements without test; name them in @Normative, or say why none is needed")
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void eachTestNamesStatementsThatExist(Specification specification) {
        assertThat(proved(specification))
                .filteredOn(number -> !numbers(specification.statements()).contains(number))
                .as("statements that tests name and no list has")
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void eachStatementIsPutIntoWords(Specification specification) {
        assertThat(specification.statements())
                .filteredOn(statement -> statement.sentence().isEmpty())
                .extracting(Statement::number)
                .as("statements without a sentence")
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void whatNeedsNoTestHasNone(Specification specification) {
        assertThat(specification.statements())
                .filteredOn(statement -> !statement.needsTest())
                .extracting(Statement::number)
                .filteredOn(proved(specification)::contains)
                .as("statements that need no test, but have one")
                .isEmpty();
    }

    /** The lists have gaps where the specifications have them; a lost line is seen by the count. */
    @Test
    void theListsAreComplete() {
        assertThat(Specification.MQTT_3_1_1.statements()).hasSize(141);
        assertThat(Specification.MQTT_5_0.statements()).hasSize(251);
    }

    @Test
    void eachNormativeTestProvesSomething() {
        assertThat(TESTS)
                .allMatch(
                        test ->
                                test.normative().mqtt5().length + test.normative().mqtt3().length
                                        > 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"3.1.2-24", "3.1.2 | x |", "MQTT-3.1.2-24 | x |", "1.2-3 | x | y | z"})
    void refusesALineThatIsNotAStatement(String line) {
        assertThatThrownBy(() -> Statement.parse(line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(line.substring(0, 5));
    }

    @Test
    void aLaterListFillsInWhatTheFirstLeavesOpen() {
        Statement first = Statement.parse("4.2-1 |  |");
        assertThat(first.needsTest()).isTrue();
        Statement filled = first.with(Statement.parse("4.2-1 | does it | binds the client"));
        assertThat(filled.sentence()).isEqualTo("does it");
        assertThat(filled.needsTest()).isFalse();
        assertThat(filled.with(first)).isEqualTo(filled);
    }

    @Test
    void namesTestsInWords() {
        NormativeTest test =
                new NormativeTest("a.b.WillTest", "sendsAPubackWithQos2AndUtf8", proof());
        assertThat(test.sentence()).isEqualTo("sends a PUBACK with QoS 2 and UTF-8");
        assertThat(test.simpleType()).isEqualTo("WillTest");
    }

    @Test
    void tellsTheWorstResultAndWhatIsMissing() {
        NormativeTest passing = new NormativeTest("A", "passes", proof());
        NormativeTest failing = new NormativeTest("A", "fails", proof());
        ConformanceTable table =
                new ConformanceTable(
                        List.of(passing, failing),
                        test ->
                                Optional.of(
                                        test.equals(failing)
                                                ? TestResults.Result.FAILED
                                                : TestResults.Result.PASSED));
        assertThat(table.text())
                .containsPattern("MQTT-3.1.0-1 \\|.*\\| A: passes<br>A: fails \\| failed \\|")
                .contains("**no test**", "no test: binds");
    }

    private static Normative proof() {
        return TESTS.stream()
                .map(NormativeTest::normative)
                .filter(each -> List.of(each.mqtt3()).contains("3.1.0-1"))
                .findFirst()
                .orElseThrow();
    }
}
