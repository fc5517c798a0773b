package io.muster.broker.conformance.table;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * How the tests of this run ended so far. JUnit makes the listener by its entry in {@code
 * META-INF/services}, hence the results are static.
 */
public final class TestResults implements TestExecutionListener {

    /** How a test ended; of a parameterised test the worst counts, which is the last here. */
    enum Result {
        PASSED,
        SKIPPED,
        FAILED;

        Result or(Result other) {
            return compareTo(other) >= 0 ? this : other;
        }
    }

    private static final Map<String, Result> RESULTS = new ConcurrentHashMap<>();

    static String id(String type, String method) {
        return type + "#" + method;
    }

    /** The result of a test; empty if it has not run. */
    static Optional<Result> of(NormativeTest test) {
        return Optional.ofNullable(RESULTS.get(test.id()));
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        add(test, result(result.getStatus()));
    }

    private static Result result(Status status) {
        return switch (status) {
            case SUCCESSFUL -> Result.PASSED;
            case ABORTED -> Result.SKIPPED;
            case FAILED -> Result.FAILED;
        };
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        add(test, Result.SKIPPED);
    }

    private static void add(TestIdentifier test, Result result) {
        if (test.getSource().orElse(null) instanceof MethodSource method) {
            RESULTS.merge(id(method.getClassName(), method.getMethodName()), result, Result::or);
        }
    }
}
