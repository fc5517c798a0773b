package io.muster.broker.protocol.connect;

import io.muster.auth.spi.Authenticator;
import io.muster.broker.pace.Rates;
import io.muster.broker.protocol.AuthDialogue;
import io.muster.broker.protocol.Client;
import io.muster.broker.protocol.ClientChannel;
import io.muster.broker.protocol.CompressedOutput;
import io.muster.broker.protocol.ConnectRefused;
import io.muster.broker.protocol.PacketOutput;
import io.muster.broker.protocol.ProtocolLimits;
import io.muster.broker.protocol.PublisherTopics;
import io.muster.broker.protocol.Redirection;
import io.muster.broker.protocol.decode.ConnectPacket;
import io.muster.broker.protocol.packet.ConnackProperties;
import io.muster.broker.protocol.packet.PacketEncoder;
import io.muster.broker.protocol.packet.PacketType;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.PublishEncoder;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.session.ConnectionEnd;
import io.muster.broker.session.Link;
import io.muster.broker.session.SessionLoop;
import io.muster.broker.session.SessionRegistry;
import io.muster.broker.session.SessionRegistry.ContestedException;
import io.muster.broker.session.SessionRegistry.ForeignSessionException;
import io.muster.broker.session.SessionRegistry.Opening;
import io.muster.broker.session.SessionRegistry.TooManySessionsException;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ClientObserver.Admission;
import io.muster.broker.spi.ClientObserver.Admission.Verdict;
import io.netty.buffer.ByteBufUtil;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From CONNECT to CONNACK: the packet's rules, sign-in, the session, admission, the answer.
 *
 * <p>The steps stand in {@link #connect} in their order; each gives the next value or fails with
 * {@link ConnectRefused}. Each step begins on the channel's loop, whoever completed the one before.
 * The session is registered before the observer is asked to admit the client: whoever bars a client
 * notes the bar first and looks for its session then, so one of the two finds out.
 *
 * <p>Shared.
 */
public final class ConnectFlow {

    private static final Logger log = LoggerFactory.getLogger(ConnectFlow.class);

    /** MQTT 3.1, whose CONNACK does not tell of a session. */
    private static final int LEVEL_3_1 = 3;

    /** What a text of the protocol can hold [MQTT5 1.5.4]. */
    private static final int TEXT_BYTES_MAX = 65_535;

    private final SignIn signIn;
    private final SessionRegistry sessions;
    private final ClientObserver observer;
    private final ProtocolLimits limits;
    private final Settings settings;

    /**
     * How clients are answered.
     *
     * @param deadlineMillis how long the observer may take to admit a client, and a client to sign
     *     in again. Later clients of the same name wait until the observer has answered, also late
     * @param responseInformation told to MQTT 5.0 clients that ask for it, with the client
     *     identifier in the place of <code>${clientIdentifier}</code>; empty is none [MQTT5
     *     3.2.2.3.15]
     * @param redirection where clients are sent instead of here; asked on event loops
     * @param rates how fast clients may connect, and publish then
     */
    public record Settings(
            long deadlineMillis,
            String responseInformation,
            Supplier<Optional<Redirection>> redirection,
            Rates rates) {

        /** None if it is too long for a text of the protocol, with a very long identifier. */
        @Nullable String responseInformation(String clientIdentifier) {
            String text = responseInformation.replace("${clientIdentifier}", clientIdentifier);
            return text.isEmpty() || ByteBufUtil.utf8Bytes(text) > TEXT_BYTES_MAX ? null : text;
        }
    }

    /** The flow of a broker. */
    public ConnectFlow(
            Authenticator authenticator,
            SessionRegistry sessions,
            ClientObserver observer,
            ProtocolLimits limits,
            Settings settings) {
        this.signIn = new SignIn(authenticator, observer, settings.deadlineMillis());
        this.sessions = sessions;
        this.observer = observer;
        this.limits = limits;
        this.settings = settings;
    }

    /**
     * Answers a CONNECT. Called on the channel's loop, with reading off.
     *
     * @param dialogues is given the dialogue of an enhanced authentication, if there is one, to
     *     hand it the client's AUTH packets; reading is on while it awaits one
     * @return the signed-in client, its CONNACK written, on the loop of its session; or failed with
     *     {@link ConnectRefused} or {@link ProtocolViolation}, nothing written but AUTH, by any
     *     thread
     */
    public CompletionStage<Client> connect(
            ClientChannel channel, ConnectPacket packet, Consumer<AuthDialogue> dialogues) {
        try {
            checkRate(channel);
            ConnectRequest request = ConnectRequest.of(packet, limits);
            settings.redirection()
                    .get()
                    .ifPresent(
                            elsewhere -> {
                                throw ConnectRefused.redirected(elsewhere);
                            });
            return onLoop(
                    channel,
                    signIn.signIn(channel, request, dialogues),
                    outcome -> {
                        Candidate candidate = Candidate.of(channel, request, outcome);
                        connackProperties(candidate); // before there is a session to undo
                        return onLoop(
                                channel, open(candidate), opening -> enter(candidate, opening));
                    });
        } catch (ConnectRefused | ProtocolViolation refusal) {
            return CompletableFuture.failedFuture(refusal);
        }
    }

    private void checkRate(ClientChannel channel) {
        SessionLoop loop = channel.loop();
        settings.rates()
                .connect()
                .limiting(channel.remoteAddress().getAddress(), loop.nowNanos())
                .ifPresent(
                        limit -> {
                            loop.counters().limited(limit);
                            throw new ConnectRefused(
                                    ReasonCode.CONNECTION_RATE_EXCEEDED,
                                    "limit " + limit.name().toLowerCase(Locale.ROOT));
                        });
    }

    private CompletionStage<Opening> open(Candidate candidate) {
        if (!candidate.channel().isOpen()) {
            throw closed();
        }
        ConnectRequest request = candidate.request();
        return sessions.open(
                        new SessionRegistry.Request(
                                candidate.clientIdentifier(),
                                candidate.identity().principal(),
                                request.packet().cleanStart(),
                                request.sessionExpirySeconds() > 0,
                                candidate.channel().loop(),
                                candidate.channel().remoteAddress()))
                .exceptionally(
                        failure -> {
                            throw refusalOf(failure);
                        });
    }

    private static ConnectRefused closed() {
        return new ConnectRefused(ReasonCode.UNSPECIFIED_ERROR, "connection closed during sign-in");
    }

    private static ConnectRefused refusalOf(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (cause instanceof TooManySessionsException) {
            return new ConnectRefused(
                    ReasonCode.QUOTA_EXCEEDED, String.valueOf(cause.getMessage()));
        }
        if (cause instanceof ContestedException) {
            return new ConnectRefused(
                    ReasonCode.CONNECTION_RATE_EXCEEDED, String.valueOf(cause.getMessage()));
        }
        if (cause instanceof ForeignSessionException) {
            return new ConnectRefused(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, String.valueOf(cause.getMessage()));
        }
        log.error("session not opened, client refused", cause);
        return new ConnectRefused(ReasonCode.SERVER_UNAVAILABLE, "session not opened");
    }

    /**
     * On the session's loop: the session gets its connection, the observer admits, the CONNACK goes
     * out.
     */
    private CompletionStage<Client> enter(Candidate candidate, Opening opening) {
        ClientChannel channel = candidate.channel();
        AskedObserver question = new AskedObserver(observer);
        return channel.moveTo(opening.session().loop())
                .exceptionally(
                        failure -> {
                            throw new ConnectRefused(
                                    ReasonCode.SERVER_UNAVAILABLE,
                                    "connection not moved: " + failure.getMessage());
                        })
                .thenCompose(
                        moved -> {
                            Client client = attach(candidate, opening);
                            return onLoop(
                                    channel,
                                    question.ask(client.link().client(), settings.deadlineMillis()),
                                    admission ->
                                            CompletableFuture.completedFuture(
                                                    answer(candidate, opening, client, admission)));
                        })
                .whenComplete(
                        (client, failure) -> {
                            if (failure != null) {
                                opening.session().loop().run(opening.session()::settle);
                            }
                            question.over().thenRun(opening.done());
                        });
    }

    private Client attach(Candidate candidate, Opening opening) {
        ConnectRequest request = candidate.request();
        ClientChannel channel = candidate.channel();
        PacketEncoder encoder = encoderFor(request.packet());
        PacketOutput output = output(candidate, encoder);
        Link link =
                new Link(
                        output,
                        candidate.connectedClient(),
                        request.receiveMaximum(),
                        request.sessionExpirySeconds(),
                        request.will(candidate.clientIdentifier()));
        opening.session().attach(link);
        Client client =
                new Client(
                        channel,
                        output,
                        opening.session(),
                        link,
                        request.isVersion5(),
                        new PublisherTopics(limits.topicAliasMax()),
                        settings.rates().publish().pace(channel.loop().nowNanos()),
                        candidate.signIn().reauthentication());
        link.permissionHolder(client);
        return client;
    }

    private PacketOutput output(Candidate candidate, PacketEncoder encoder) {
        ConnectRequest request = candidate.request();
        PublishEncoder publishes =
                new PublishEncoder(
                        request.isVersion5(),
                        encoder.packetBytesMax(),
                        request.topicAliasMaximum());
        Supplier<Optional<String>> serverReference =
                () -> settings.redirection().get().flatMap(Redirection::serverReference);
        ClientChannel channel = candidate.channel();
        return candidate
                .compression()
                .<PacketOutput>map(
                        compression ->
                                new CompressedOutput(
                                        channel, encoder, publishes, serverReference, compression))
                .orElseGet(() -> new PacketOutput(channel, encoder, publishes, serverReference));
    }

    /** Encodes as the sender of a CONNECT wants it. */
    public static PacketEncoder encoderFor(ConnectPacket packet) {
        return new PacketEncoder(
                packet.isVersion5(), packet.packetBytesMax(), packet.wantsProblemInformation());
    }

    private Client answer(
            Candidate candidate, Opening opening, Client client, Admission admission) {
        Optional<Redirection> elsewhere = settings.redirection().get();
        if (elsewhere.isPresent()) {
            // The drain began while the client signed in, and may have walked past it.
            client.session().leave(client.link());
            if (admission.verdict() == Verdict.ADMITTED) {
                observer.disconnected(client.link().client());
            }
            throw ConnectRefused.redirected(elsewhere.get());
        }
        if (admission.verdict() != Verdict.ADMITTED) {
            client.session().leave(client.link());
            throw new ConnectRefused(
                    admission.verdict() == Verdict.NOT_AUTHORIZED
                            ? ReasonCode.NOT_AUTHORIZED
                            : ReasonCode.SERVER_UNAVAILABLE,
                    admission.detail());
        }
        boolean isEnded = client.session().client() == null; // which closes the channel too
        boolean isLost = !isEnded && !client.channel().isOpen();
        if (isLost || !client.session().admit(client.link())) {
            client.session().leave(client.link());
            observer.disconnected(client.link().client());
            throw isLost
                    ? closed()
                    : new ConnectRefused(
                            ReasonCode.ADMINISTRATIVE_ACTION,
                            "connection was ended during sign-in");
        }
        try {
            begin(candidate, opening, client);
        } catch (RuntimeException | Error failure) {
            // It is admitted, so nobody else would end its link, or tell the observer.
            client.end(ConnectionEnd.CONNECTION_LOST);
            throw failure;
        }
        return client;
    }

    private void begin(Candidate candidate, Opening opening, Client client) {
        ConnectRequest request = candidate.request();
        countConnack(client.channel());
        encoderFor(request.packet())
                .connack(
                        client.channel().outgoing(),
                        opening.isPresent() && request.packet().protocolLevel() > LEVEL_3_1,
                        connackProperties(candidate));
        if (opening.isPresent()) {
            // It may have lost some since it subscribed, and since messages wait.
            client.session().reviewPermissions().finish();
        }
        client.session().start();
        Link link = client.link();
        observer.connected(link.client(), message -> client.session().send(link, message));
    }

    /**
     * What CONNACK says; all of it is needed but the response information.
     *
     * @throws ConnectRefused if it is more than the client takes in one packet [MQTT-3.1.2-24]
     */
    private ConnackProperties connackProperties(Candidate candidate) {
        PacketEncoder encoder = encoderFor(candidate.request().packet());
        ConnackProperties all = allConnackProperties(candidate);
        ConnackProperties fitting = encoder.fits(all) ? all : all.withoutResponseInformation();
        if (!encoder.fits(fitting)) {
            throw new ConnectRefused(
                    ReasonCode.PACKET_TOO_LARGE,
                    "CONNACK is larger than the client takes [MQTT-3.1.2-24]: "
                            + encoder.packetBytesMax());
        }
        return fitting;
    }

    private ConnackProperties allConnackProperties(Candidate candidate) {
        ConnectRequest request = candidate.request();
        boolean assigned = request.packet().clientIdentifier().isEmpty();
        return new ConnackProperties(
                request.sessionExpirySeconds() == request.requestedExpirySeconds()
                        ? -1
                        : request.sessionExpirySeconds(),
                limits.capabilities(),
                assigned ? candidate.clientIdentifier() : null,
                request.isKeepAliveShortened() ? request.keepAliveSeconds() : -1,
                request.wantsResponseInformation()
                        ? settings.responseInformation(candidate.clientIdentifier())
                        : null,
                candidate.signIn().authentication());
    }

    /**
     * Answers a CONNECT with a refusal, unless that is larger than the client takes. Called on the
     * channel's loop; the caller closes the channel.
     */
    public void refuse(
            ClientChannel channel,
            PacketEncoder encoder,
            ReasonCode reason,
            Optional<String> serverReference) {
        if (encoder.connack(channel.outgoing(), reason, serverReference)) {
            countConnack(channel);
        }
    }

    private static void countConnack(ClientChannel channel) {
        channel.loop().counters().packetSent(PacketType.CONNACK.value());
    }

    /**
     * Goes on with {@code next} on the loop that the channel is on when {@code stage} is complete.
     */
    private static <T extends @Nullable Object, U> CompletionStage<U> onLoop(
            ClientChannel channel, CompletionStage<T> stage, Function<T, CompletionStage<U>> next) {
        return stage.thenComposeAsync(next, task -> channel.loop().run(task));
    }
}
