package io.muster.auth.application;

import io.muster.auth.RegistryOutage;
import io.muster.auth.application.ScramMessages.ClientFinal;
import io.muster.auth.application.ScramMessages.ClientFirst;
import io.muster.auth.application.ScramMessages.MalformedException;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.EnhancedAuthenticator.Exchange;
import io.muster.auth.spi.EnhancedAuthenticator.Step;
import io.muster.devices.application.Application;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One client's SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding: the client names
 * itself, is sent salt, iterations and a nonce, proves that it knows the password, and is shown
 * that the server knows it too. Belongs to one client; its steps follow one another.
 *
 * <p>A name that nobody has, and an account without a verifier, get as far as the proof, which is
 * then wrong; until there they look like any other.
 */
final class ScramExchange implements Exchange {

    private final ScramAccounts accounts;
    private final Function<Application, AuthResult> acceptance;
    private final String serverNonce;
    private @Nullable Challenge challenge;
    private boolean over;

    /**
     * An exchange that waits for the client's first message.
     *
     * @param acceptance the answer to an application that has proved who it is
     */
    ScramExchange(
            ScramAccounts accounts,
            Function<Application, AuthResult> acceptance,
            String serverNonce) {
        this.accounts = accounts;
        this.acceptance = acceptance;
        this.serverNonce = serverNonce;
    }

    /** What the client has to answer. */
    private record Challenge(
            ClientFirst first,
            ScramAccounts.Candidate candidate,
            String nonce,
            String serverFirst) {}

    @Override
    public Optional<String> claimedName(Optional<byte[]> data) {
        try {
            return Optional.of(firstOf(data).username());
        } catch (MalformedException malformed) {
            return Optional.empty();
        }
    }

    @Override
    public CompletionStage<Step> next(Optional<byte[]> data) {
        if (over) {
            throw new IllegalStateException("the exchange is over");
        }
        try {
            if (challenge == null) {
                return first(firstOf(data));
            }
            over = true;
            ClientFinal last = ClientFinal.read(data.orElseGet(() -> new byte[0]));
            return CompletableFuture.completedFuture(judge(challenge, last));
        } catch (MalformedException malformed) {
            over = true;
            return CompletableFuture.completedFuture(
                    refusal(String.valueOf(malformed.getMessage())));
        }
    }

    private static ClientFirst firstOf(Optional<byte[]> data) throws MalformedException {
        return ClientFirst.read(data.orElseGet(() -> new byte[0]));
    }

    private CompletionStage<Step> first(ClientFirst first) {
        return accounts.find(first.username())
                .handle(
                        (candidate, failure) ->
                                failure == null
                                        ? challenge(first, candidate)
                                        : new Step.Finished(
                                                RegistryOutage.answer(failure), Optional.empty()));
    }

    private Step challenge(ClientFirst first, ScramAccounts.Candidate candidate) {
        ScramVerifier verifier = candidate.verifier();
        String nonce = first.nonce() + serverNonce;
        String serverFirst =
                "r=" + nonce + ",s=" + verifier.saltText() + ",i=" + verifier.iterations();
        challenge = new Challenge(first, candidate, nonce, serverFirst);
        return new Step.Continue(bytes(serverFirst));
    }

    private Step judge(Challenge challenge, ClientFinal last) throws MalformedException {
        if (!last.header().equals(challenge.first().header())) {
            return refusal("the client repeats another channel binding than it sent");
        }
        if (!last.nonce().equals(challenge.nonce())) {
            return refusal("the client repeats another nonce than it was sent");
        }
        String authMessage =
                challenge.first().bare() + "," + challenge.serverFirst() + "," + last.signed();
        ScramVerifier verifier = challenge.candidate().verifier();
        boolean proved = verifier.accepts(last.proofBytes(), authMessage);
        Optional<Application> application = challenge.candidate().application();
        if (!proved || application.isEmpty()) {
            return refusal(challenge.candidate().refusal() + challenge.first().username());
        }
        AuthResult result = acceptance.apply(application.get());
        if (!(result instanceof AuthResult.Accept)) {
            return new Step.Finished(result, Optional.empty());
        }
        byte[] signature = verifier.serverSignature(authMessage);
        return new Step.Finished(
                result, Optional.of(bytes("v=" + Base64.getEncoder().encodeToString(signature))));
    }

    private static Step refusal(String detail) {
        return new Step.Finished(
                AuthResult.deny(DenyReason.BAD_CREDENTIALS, detail), Optional.empty());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
