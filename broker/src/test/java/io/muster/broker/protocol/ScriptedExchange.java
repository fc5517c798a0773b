package io.muster.broker.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** An authenticator of the method "m" whose exchange does what the test says. */
final class ScriptedExchange implements EnhancedAuthenticator, EnhancedAuthenticator.Exchange {

    /** What the client sent, "-" for nothing. */
    final List<String> received = new ArrayList<>();

    private final Function<String, CompletionStage<Step>> script;
    int closed;

    ScriptedExchange(Function<String, CompletionStage<Step>> script) {
        this.script = script;
    }

    /** Goes on until the client says "done". */
    static ScriptedExchange untilDone(String principal) {
        return new ScriptedExchange(said -> said.equals("done") ? accept(principal) : goOn("more"));
    }

    static CompletionStage<Step> goOn(String data) {
        return CompletableFuture.completedFuture(new Step.Continue(data.getBytes(UTF_8)));
    }

    static CompletionStage<Step> accept(String principal) {
        return accept(principal, false);
    }

    /** Lets the client in, to do everything or nothing. */
    static CompletionStage<Step> accept(String principal, boolean mayAll) {
        Identity identity = new Identity(principal, "", new AllOrNothing(mayAll), Map.of());
        return CompletableFuture.completedFuture(
                new Step.Finished(AuthResult.accept(identity), Optional.of(new byte[] {7})));
    }

    private record AllOrNothing(boolean mayAll) implements TopicPermissions {
        @Override
        public boolean mayPublish(String topicName) {
            return mayAll;
        }

        @Override
        public boolean maySubscribe(String topicFilter) {
            return mayAll;
        }
    }

    @Override
    public Optional<Exchange> begin(String method, Credentials credentials) {
        return method.equals("m") ? Optional.of(this) : Optional.empty();
    }

    @Override
    public CompletionStage<AuthResult> authenticate(Credentials credentials) {
        throw new AssertionError("not asked in enhanced authentication");
    }

    @Override
    public CompletionStage<Step> next(Optional<byte[]> data) {
        String said = data.map(bytes -> new String(bytes, UTF_8)).orElse("-");
        received.add(said);
        return script.apply(said);
    }

    @Override
    public void close() {
        closed++;
    }
}
