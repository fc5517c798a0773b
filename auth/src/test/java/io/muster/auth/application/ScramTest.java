package io.muster.auth.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.StringPreparation;
import com.ongres.scram.common.exception.ScramException;
import io.muster.auth.BuiltInRole;
import io.muster.auth.Presented;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.EnhancedAuthenticator.Exchange;
import io.muster.auth.spi.EnhancedAuthenticator.Step;
import io.muster.auth.spi.Identity;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.application.Application;
import io.muster.devices.application.ApplicationLookup;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScramTest {

    private static final int ITERATIONS = 15_000;
    private static final byte[] SERVER_KEY = new byte[32];

    /** The exchange of RFC 7677, section 3: user "user", password "pencil". */
    private static final String RFC_CLIENT_NONCE = "rOprNGfwEbeRWgbNEkqO";

    private static final String RFC_SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final String RFC_NONCE = RFC_CLIENT_NONCE + RFC_SERVER_NONCE;
    private static final String RFC_FIRST = "n,,n=user,r=" + RFC_CLIENT_NONCE;
    private static final String RFC_PROOF = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private static final String RFC_FINAL = "c=biws,r=" + RFC_NONCE + ",p=" + RFC_PROOF;

    private final Map<String, Optional<String>> accounts =
            new HashMap<>(
                    Map.of(
                            "user", verifier("pencil", "W22ZaJ0SNY7soEsUEjb6gQ==", 4096),
                            "billing", StoredPassword.scramVerifier("correct horse", ITERATIONS),
                            "older", Optional.empty()));
    private final ApplicationLookup registry =
            name ->
                    CompletableFuture.completedFuture(
                            Optional.ofNullable(accounts.get(name))
                                    .map(
                                            scram ->
                                                    new Application(
                                                            name, "hash", scram, Instant.EPOCH)));
    private final ScramAccounts scram = new ScramAccounts(registry, ITERATIONS, SERVER_KEY);

    @Test
    void speaksTheExchangeOfTheSpecification() {
        Exchange exchange = exchange();

        assertThat(challenge(exchange, RFC_FIRST))
                .isEqualTo("r=" + RFC_NONCE + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        Step.Finished end = finished(exchange, RFC_FINAL);

        assertThat(Presented.identity(end.result()).principal()).isEqualTo("app:user");
        assertThat(text(end.data().orElseThrow()))
                .isEqualTo("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    @Test
    void aForeignClientSignsInAndRecognizesTheServer() throws ScramException {
        Exchange exchange = begin();
        ScramClient client = client("billing", "correct horse");
        client.serverFirstMessage(challenge(exchange, client.clientFirstMessage().toString()));
        Step.Finished end = finished(exchange, client.clientFinalMessage().toString());
        client.serverFinalMessage(text(end.data().orElseThrow()));

        assertThat(Presented.identity(end.result()).principal()).isEqualTo("app:billing");
        assertThat(Presented.identity(end.result()).permissions().mayPublish("a")).isTrue();
    }

    @Test
    void aForeignClientsPasswordIsPreparedAlike() throws ScramException {
        // A soft hyphen is mapped to nothing, and a Roman numeral nine is I and X (RFC 4013).
        accounts.put("billing", StoredPassword.scramVerifier("I\u00adX pencil", ITERATIONS));

        assertThat(proof("billing", "\u2168 pencil").result())
                .isInstanceOf(AuthResult.Accept.class);
    }

    @Test
    void aUserNameIsPreparedToo() throws ScramException {
        assertThat(proof("bill\u00ading", "correct horse").result())
                .isInstanceOf(AuthResult.Accept.class);
    }

    @Test
    void theNameThatIsClaimedIsKnownBeforeTheFirstStep() {
        Exchange exchange = exchange();

        assertThat(exchange.claimedName(Optional.of(bytes(RFC_FIRST)))).contains("user");
        assertThat(exchange.claimedName(Optional.of(bytes("nonsense")))).isEmpty();
        assertThat(exchange.claimedName(Optional.empty())).isEmpty();
        assertThat(challenge(exchange, RFC_FIRST)).startsWith("r=" + RFC_CLIENT_NONCE);
    }

    @Test
    void aWrongPasswordAnUnknownNameAndAnOlderAccountAreRefusedAlike() throws ScramException {
        for (String name : List.of("billing", "nobody", "older", "x".repeat(65))) {
            Step.Finished end = proof(name, "wrong");

            assertThat(Presented.reason(end.result())).isEqualTo(DenyReason.BAD_CREDENTIALS);
            assertThat(end.data()).isEmpty();
        }
    }

    @Test
    void theRegistryIsNotAskedForANameThatNoAccountCanHave() {
        List<String> asked = new ArrayList<>();
        ApplicationLookup watched =
                name -> {
                    asked.add(name);
                    return registry.findApplication(name);
                };
        ScramAccounts watchedAccounts = new ScramAccounts(watched, ITERATIONS, SERVER_KEY);
        for (int length : new int[] {64, 65, 900}) {
            challenge(
                    new ScramExchange(watchedAccounts, ScramTest::accepted, RFC_SERVER_NONCE),
                    "n,,n=" + "x".repeat(length) + ",r=abc");
        }
        assertThat(asked).containsExactly("x".repeat(64));
    }

    @Test
    void anUnknownNameLooksLikeAnyOtherAndStaysTheSame() {
        for (String name : List.of("nobody", "older", "x".repeat(65))) {
            String challenge = challenge(exchange(), "n,,n=" + name + ",r=abc");

            assertThat(challenge).matches("r=abc[^,]+,s=[A-Za-z0-9+/]{22}==,i=15000");
            assertThat(challenge(exchange(), "n,,n=" + name + ",r=abc")).isEqualTo(challenge);
        }
        assertThat(challenge(exchange(), "n,,n=billing,r=abc"))
                .matches("r=abc[^,]+,s=[A-Za-z0-9+/]{22}==,i=15000");
    }

    @Test
    void theSaltsOfUnknownNamesDifferByNameAndByServer() {
        ScramAccounts other = new ScramAccounts(registry, ITERATIONS, new byte[] {1});

        assertThat(salt(scram, "nobody")).isNotEqualTo(salt(scram, "nobody2"));
        assertThat(salt(scram, "nobody")).isNotEqualTo(salt(other, "nobody"));
    }

    @Test
    void noProofOfAMadeUpVerifierIsEverGood() {
        // Who could guess the made-up stored key could still not sign in.
        assertThat(scram.find("nobody").toCompletableFuture().join().application()).isEmpty();
        assertThat(scram.find("older").toCompletableFuture().join().application()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "y,,n=user,r=" + RFC_CLIENT_NONCE,
                "n,a=user,n=user,r=" + RFC_CLIENT_NONCE,
                "n,,n=user,r=" + RFC_CLIENT_NONCE + ",x=extension"
            })
    void takesTheFormsThatTheSpecificationAllows(String first) {
        assertThat(challenge(exchange(), first)).startsWith("r=" + RFC_NONCE);
    }

    @Test
    void anExtensionIsSignedLikeTheRest() {
        Exchange exchange = exchange();
        challenge(exchange, RFC_FIRST + ",x=extension");

        assertThat(Presented.reason(finished(exchange, RFC_FINAL).result()))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void anEscapedUserNameIsReadAsItIs() {
        accounts.put("a,b=c", verifier("pencil", "W22ZaJ0SNY7soEsUEjb6gQ==", 4096));

        assertThat(challenge(exchange(), "n,,n=a=2Cb=3Dc,r=x"))
                .contains("s=W22ZaJ0SNY7soEsUEjb6gQ==");
    }

    @Test
    void anEscapeIsReadOnce() {
        accounts.put("=2C", verifier("pencil", "W22ZaJ0SNY7soEsUEjb6gQ==", 4096));

        assertThat(challenge(exchange(), "n,,n==3D2C,r=x")).contains("s=W22ZaJ0SNY7soEsUEjb6gQ==");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n,,n=user",
                "n,,n=,r=abc",
                "n,,r=abc",
                "x,,n=user,r=abc",
                ",,n=user,r=abc",
                "n,n=user,r=abc",
                "n,,m=must,n=user,r=abc",
                "n,,n=us=er,r=abc",
                "n,,n=us=2cer,r=abc",
                "n,,n=us\u0007er,r=abc",
                "n,,n=user,r=",
                "n,,n=user,r=a b",
                "n,,n=user,r=\u00e4",
                "n,a=admin,n=user,r=abc",
                "p=tls-unique,,n=user,r=abc",
                "p=tls-exporter,,n=user,r=abc"
            })
    void refusesAFirstMessageThatIsNone(String first) {
        assertThat(Presented.reason(finished(exchange(), first).result()))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void refusesNoMessageAnOverlongOneAndOneThatIsNotUtf8() {
        for (Optional<byte[]> data :
                List.of(
                        Optional.<byte[]>empty(),
                        Optional.of(bytes("n,,n=user,r=" + "x".repeat(1_024))),
                        Optional.of(new byte[] {'n', ',', ',', 'n', '=', (byte) 0xff}))) {
            Step step = exchange().next(data).toCompletableFuture().join();

            assertThat(Presented.reason(((Step.Finished) step).result()))
                    .isEqualTo(DenyReason.BAD_CREDENTIALS);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "c=biws,r=" + RFC_NONCE,
                "c=biws,r=" + RFC_NONCE + ",p=",
                "c=biws,r=" + RFC_NONCE + ",p=====",
                "c=biws,r=" + RFC_NONCE + ",p=AAAA",
                "c=biws,r=" + RFC_NONCE + ",p=" + RFC_PROOF + ",x=late",
                "c=eSws,r=" + RFC_NONCE + ",p=" + RFC_PROOF,
                "c=!,r=" + RFC_NONCE + ",p=" + RFC_PROOF,
                "c=biws,r=" + RFC_CLIENT_NONCE + ",p=" + RFC_PROOF,
                "c=biws,r=" + RFC_NONCE + "x,p=" + RFC_PROOF,
                "c=biws,r=" + RFC_NONCE + ",x=y,p=" + RFC_PROOF,
                "c=biws,r=" + RFC_NONCE + ",p=AHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
            })
    void refusesAFinalMessageThatDoesNotProveThePassword(String last) {
        Exchange exchange = exchange();
        challenge(exchange, RFC_FIRST);

        assertThat(Presented.reason(finished(exchange, last).result()))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "c=biws,r=" + RFC_CLIENT_NONCE + "-chosen-by-the-client",
                "c=biws,r=" + RFC_CLIENT_NONCE,
                "c=eSws,r=" + RFC_NONCE,
                "c=biwsAAAA,r=" + RFC_NONCE
            })
    void aRightProofOfAnotherNonceOrBindingIsWorthNothing(String signed) {
        Exchange exchange = exchange();
        String serverFirst = challenge(exchange, RFC_FIRST);

        assertThat(Presented.reason(finished(exchange, proved(serverFirst, signed)).result()))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
        Exchange honest = exchange();
        assertThat(
                        finished(
                                        honest,
                                        proved(
                                                challenge(honest, RFC_FIRST),
                                                "c=biws,r=" + RFC_NONCE))
                                .result())
                .isInstanceOf(AuthResult.Accept.class);
    }

    /** A final message of somebody who knows the password, and signs whatever it likes. */
    private static String proved(String serverFirst, String signed) {
        byte[] salt = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
        byte[] salted =
                ScramFunctions.saltedPassword(
                        ScramVerifier.MECHANISM,
                        StringPreparation.SASL_PREPARATION,
                        "pencil".toCharArray(),
                        salt,
                        4096);
        byte[] clientKey = ScramFunctions.clientKey(ScramVerifier.MECHANISM, salted);
        byte[] storedKey = ScramFunctions.storedKey(ScramVerifier.MECHANISM, clientKey);
        String authMessage = RFC_FIRST.substring(3) + "," + serverFirst + "," + signed;
        byte[] proof =
                ScramFunctions.clientProof(
                        clientKey,
                        ScramFunctions.clientSignature(
                                ScramVerifier.MECHANISM, storedKey, authMessage));
        return signed + ",p=" + Base64.getEncoder().encodeToString(proof);
    }

    @ParameterizedTest
    @ValueSource(strings = {"AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="})
    void aChallengeIsGoodForOneProofOnly(String proof) {
        Exchange exchange = exchange();
        challenge(exchange, RFC_FIRST);
        finished(exchange, "c=biws,r=" + RFC_NONCE + ",p=" + proof);

        assertThatIllegalStateException().isThrownBy(() -> finished(exchange, RFC_FINAL));
    }

    @Test
    void whoBeginsWithAMalformedMessageMayNotBeginAgain() {
        Exchange exchange = exchange();
        finished(exchange, "n,,");

        assertThatIllegalStateException().isThrownBy(() -> challenge(exchange, RFC_FIRST));
    }

    @Test
    void aRecordedProofIsWorthNothingInAnotherExchange() {
        Exchange exchange = new ScramExchange(scram, ScramTest::accepted, "another-server-nonce");
        challenge(exchange, RFC_FIRST);

        assertThat(Presented.reason(finished(exchange, RFC_FINAL).result()))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void everyExchangeHasANonceOfItsOwn() {
        assertThat(challenge(begin(), RFC_FIRST)).isNotEqualTo(challenge(begin(), RFC_FIRST));
    }

    @Test
    void knowsItsMethodByItsExactName() {
        ApplicationAuthenticator authenticator = authenticator();
        for (String other : List.of("", "scram-sha-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1")) {
            assertThat(authenticator.begin(other, Presented.nothing("c"))).isEmpty();
        }
    }

    @Test
    void aRegistryThatCannotBeAskedIsNotAnUnknownName() {
        ApplicationLookup cut =
                name -> CompletableFuture.failedFuture(new RegistryUnavailableException("closed"));
        Exchange exchange =
                new ScramExchange(
                        new ScramAccounts(cut, ITERATIONS, SERVER_KEY),
                        ScramTest::accepted,
                        RFC_SERVER_NONCE);

        assertThat(Presented.reason(finished(exchange, RFC_FIRST).result()))
                .isEqualTo(DenyReason.UNAVAILABLE);
    }

    @Test
    void aDamagedVerifierFailsTheStep() {
        accounts.put("user", Optional.of("damaged"));

        assertThatThrownBy(() -> finished(exchange(), RFC_FIRST))
                .hasRootCauseInstanceOf(IllegalArgumentException.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ScramVerifier.parse("SCRAM-SHA-256$0:AAAAAAAA$x:y"));
    }

    private static Optional<String> verifier(String password, String salt, int iterations) {
        return ScramVerifier.of(password, Base64.getDecoder().decode(salt), iterations)
                .map(ScramVerifier::encoded);
    }

    private Step.Finished proof(String name, String password) throws ScramException {
        Exchange exchange = begin();
        ScramClient client = client(name, password);
        client.serverFirstMessage(challenge(exchange, client.clientFirstMessage().toString()));
        return finished(exchange, client.clientFinalMessage().toString());
    }

    private static ScramClient client(String name, String password) {
        return ScramClient.builder()
                .advertisedMechanisms(List.of("SCRAM-SHA-256"))
                .username(name)
                .password(password.toCharArray())
                .stringPreparation(StringPreparation.SASL_PREPARATION)
                .build();
    }

    private Exchange exchange() {
        return new ScramExchange(scram, ScramTest::accepted, RFC_SERVER_NONCE);
    }

    private static AuthResult accepted(Application application) {
        return AuthResult.accept(
                new Identity(
                        "app:" + application.username(), "", BuiltInRole.permissions(), Map.of()));
    }

    private Exchange begin() {
        return authenticator().begin("SCRAM-SHA-256", Presented.nothing("c")).orElseThrow();
    }

    private ApplicationAuthenticator authenticator() {
        return new ApplicationAuthenticator(
                registry,
                (application, verifier) -> new CompletableFuture<>(),
                BuiltInRole.roles(),
                scram);
    }

    private static String salt(ScramAccounts accounts, String name) {
        return accounts.find(name).toCompletableFuture().join().verifier().saltText();
    }

    private static String challenge(Exchange exchange, String message) {
        return text(((Step.Continue) step(exchange, message)).data());
    }

    private static Step.Finished finished(Exchange exchange, String message) {
        return (Step.Finished) step(exchange, message);
    }

    private static Step step(Exchange exchange, String message) {
        return exchange.next(Optional.of(bytes(message))).toCompletableFuture().join();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
