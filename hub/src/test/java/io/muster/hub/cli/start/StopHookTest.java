package io.muster.hub.cli.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopHookTest {

    private final StringWriter out = new StringWriter();
    private final List<String> done = new ArrayList<>();
    private final StopHook hook =
            new StopHook(new PrintWriter(out), code -> done.add("exit " + code));

    @Test
    void closesTheHubAndEndsTheProcessWithZero() {
        hook.started(() -> done.add("closed"));
        hook.stop();
        assertThat(done).containsExactly("closed", "exit 0");
        assertThat(out.toString().strip()).isEqualTo("muster stopped");
    }

    @Test
    void endsWithOneIfTheHubCannotBeClosed() {
        hook.started(
                () -> {
                    throw new IllegalStateException("the disk is full");
                });
        hook.stop();
        assertThat(done).containsExactly("exit 1");
        assertThat(out.toString()).doesNotContain("muster stopped");
    }

    @Test
    void hasNothingToCloseIfTheStartFailed() {
        hook.failed(new IllegalStateException("port in use"));
        hook.stop();
        assertThat(done).containsExactly("exit 0");
        assertThat(out.toString()).contains("before it was ready");
    }
}
