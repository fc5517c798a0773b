package io.muster.broker.conformance.table;

import java.util.regex.Pattern;

/**
 * A normative statement, in our own words.
 *
 * @param number its number in the specification, such as {@code 3.1.2-24}
 * @param sentence what it asks for; empty as long as nobody has put it into words
 * @param whyNoTest why no test of a server can prove it; empty if it binds a server
 */
record Statement(String number, String sentence, String whyNoTest) {

    private static final Pattern NUMBER = Pattern.compile("\\d+\\.\\d+(\\.\\d+)?-\\d+");

    Statement {
        if (!NUMBER.matcher(number).matches()) {
            throw new IllegalArgumentException(
                    "not the number of a statement, such as 3.1.2-24: '" + number + "'");
        }
    }

    /** Reads {@code number | sentence | why no test is needed}. */
    static Statement parse(String line) {
        String[] fields = line.split("\\|", -1);
        if (fields.length != 3) {
            throw new IllegalArgumentException(
                    "a statement is 'number | sentence | why no test is needed': '" + line + "'");
        }
        return new Statement(fields[0].strip(), fields[1].strip(), fields[2].strip());
    }

    boolean needsTest() {
        return whyNoTest.isEmpty();
    }

    /** This statement with what another list says of it, where that says something. */
    Statement with(Statement later) {
        return new Statement(
                number,
                later.sentence.isEmpty() ? sentence : later.sentence,
                later.whyNoTest.isEmpty() ? whyNoTest : later.whyNoTest);
    }
}
