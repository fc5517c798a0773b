package io.muster.hub.api.access;

import com.github.benmanes.caffeine.cache.Ticker;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.muster.auth.spi.DenyReason;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceLookup;
import io.muster.devices.DeviceStatus;
import io.muster.devices.Secret;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.Sha256;
import io.muster.hub.api.access.Operators.Answer;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.PeerCertificates;
import io.muster.hub.api.http.PeerCertificates.PeerCertificate;
import io.muster.hub.api.http.RequestFields;
import io.muster.hub.api.http.Stages;
import io.muster.hub.audit.AuditTrail;
import io.muster.hub.audit.AuditTrail.Stranger;
import io.muster.hub.certificates.enrolment.RequestRate;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Finds out which device a request comes from: by its signature with the device's secret, or by the
 * certificate that was shown over TLS. Shared; blocks while it asks the registry, each time anew.
 */
public final class DeviceCallers {

    /** How far the clock of a device may be away from ours. */
    static final Duration SKEW = Duration.ofMinutes(5);

    /** So that a device that there is not takes the same way. */
    private static final Secret NO_SECRET = Secret.generate();

    /** So that no device takes the room of all others; more than it may ask in that time. */
    private static final int SEEN_OF_DEVICE_MAX = 500;

    private static final int TOO_LARGE = 413;

    private static final String WRONG = "device or signature is wrong";
    private static final String WRONG_SECRET = "device or secret is wrong";

    private final Known known;
    private final Operators operators;
    private final AuditTrail trail;
    private final Clock clock;
    private final RequestRate rate;
    private final SeenSignatures seen;

    /**
     * What is known of devices.
     *
     * @param devices their secrets
     * @param certificates whose they are, by their SHA-256
     * @param shown what clients show over TLS
     */
    public record Known(
            DeviceLookup devices,
            Function<Sha256, Optional<Certificate>> certificates,
            PeerCertificates shown) {}

    /**
     * Of a hub.
     *
     * @param operators whose door bounds what strangers cost
     * @param trail is told of those who are refused
     * @param rate bounds what a device costs, whatever it asks for
     * @param ticker measures how long signatures are remembered
     */
    public DeviceCallers(
            Known known,
            Operators operators,
            AuditTrail trail,
            RequestRate rate,
            Clock clock,
            Ticker ticker) {
        this.known = known;
        this.rate = rate;
        this.operators = operators;
        this.trail = trail;
        this.clock = clock;
        this.seen = new SeenSignatures(SKEW.multipliedBy(2), ticker, SEEN_OF_DEVICE_MAX);
    }

    /**
     * The device that sent a request; empty if it does not say that a device did.
     *
     * @throws RequestRefusedException if it says so and that is not proven, or the device is
     *     disabled
     * @throws ApiProblem if it cannot be found out now, or a certificate was shown that is not good
     */
    Optional<DeviceCaller> identify(Context ctx) {
        String authorization = ctx.header("Authorization");
        if (authorization != null) {
            return DeviceSignature.isIn(authorization)
                    ? Optional.of(bySignature(ctx, authorization))
                    : Optional.empty();
        }
        return byCertificate(ctx);
    }

    /**
     * The device whose certificate was shown over TLS; empty if none was.
     *
     * @throws RequestRefusedException if it is bound to no device, or that is disabled
     * @throws ApiProblem if it cannot be found out now, or the certificate is not good
     */
    public Optional<DeviceCaller> byCertificate(Context ctx) {
        return known.shown().of(ctx).map(shown -> byCertificate(ctx, shown));
    }

    /**
     * The device that has this secret, for protocols that send it as a password: over TLS alone.
     *
     * @throws RequestRefusedException if it has another, or is disabled
     * @throws ApiProblem if that cannot be found out now
     */
    public DeviceCaller bySecret(Context ctx, DeviceId device, String secret) {
        return known(
                ctx,
                operators.judgeDevice(device, Gate.from(ctx), () -> judge(ctx, device, secret)));
    }

    private Answer judge(Context ctx, DeviceId id, String secret) {
        Optional<Device> device = Stages.await(known.devices().find(id));
        byte[] presented = secret.getBytes(StandardCharsets.UTF_8);
        boolean right =
                secrets(device)
                                .filter(
                                        each ->
                                                MessageDigest.isEqual(
                                                        each.reveal()
                                                                .getBytes(StandardCharsets.UTF_8),
                                                        presented))
                                .count()
                        > 0;
        return right && device.isPresent()
                ? new Answer.KnownDevice(
                        new DeviceCaller(
                                requireEnabled(device.get()),
                                Optional.empty(),
                                ctx.req().getRemoteAddr(),
                                Optional.empty()))
                : new Answer.Refused(
                        "device:" + id, DenyReason.BAD_CREDENTIALS, WRONG_SECRET, WRONG_SECRET);
    }

    private DeviceCaller bySignature(Context ctx, String authorization) {
        DeviceSignature signature =
                DeviceSignature.parse(authorization)
                        .orElseThrow(
                                () ->
                                        refused(
                                                ctx,
                                                "device:",
                                                "the header Authorization must be "
                                                        + DeviceSignature.SCHEME
                                                        + " device=PRODUCT/DEVICE,timestamp=MILLISECONDS,"
                                                        + "nonce=16 to 64 letters and digits,"
                                                        + "signature=64 hexadecimal digits"));
        if (Math.abs(signature.timestamp() - clock.millis()) > SKEW.toMillis()) {
            throw refused(
                    ctx,
                    "device:" + signature.device(),
                    "timestamp must be the time in milliseconds since 1970, within "
                            + SKEW.toMinutes()
                            + " minutes of the hub's");
        }
        requireBody(ctx);
        Answer answer =
                operators.judgeDevice(
                        signature.device(), Gate.from(ctx), () -> judge(ctx, signature));
        return known(ctx, answer);
    }

    /** It is signed too. What devices send is requests for certificates, and told by their code. */
    private static void requireBody(Context ctx) {
        try {
            var unused = ctx.bodyAsBytes();
        } catch (HttpResponseException e) {
            throw e.getStatus() == TOO_LARGE
                    ? new RequestRefusedException(
                            RefusalCode.CSR_TOO_LARGE,
                            "the body is larger than " + RequestFields.BODY_BYTES_MAX + " bytes")
                    : e;
        }
    }

    /** What clients show over TLS. */
    public PeerCertificates shown() {
        return known.shown();
    }

    private DeviceCaller known(Context ctx, Answer answer) {
        if (answer instanceof Answer.KnownDevice device) {
            return device.caller();
        }
        Answer.Refused why = (Answer.Refused) answer;
        if (why.isNotFoundOut()) {
            throw ApiProblem.unavailable(why.told());
        }
        throw refused(ctx, why.name(), why.told());
    }

    private Answer judge(Context ctx, DeviceSignature signature) {
        Optional<Device> device = Stages.await(known.devices().find(signature.device()));
        boolean right =
                secrets(device).filter(secret -> signature.isOf(ctx, secret)).count() > 0
                        && device.isPresent();
        return right
                ? new Answer.KnownDevice(
                        new DeviceCaller(
                                requireEnabled(device.orElseThrow()),
                                Optional.empty(),
                                ctx.req().getRemoteAddr(),
                                Optional.of(signature.signature())))
                : new Answer.Refused(
                        "device:" + signature.device(), DenyReason.BAD_CREDENTIALS, WRONG, WRONG);
    }

    /** Those that are good. */
    private Stream<Secret> secrets(Optional<Device> device) {
        Instant now = clock.instant();
        return device.map(Device::secrets)
                .map(
                        secrets ->
                                Stream.concat(
                                        Stream.of(secrets.newest()),
                                        secrets.previousAt(now).stream()
                                                .map(previous -> previous.secret())))
                .orElse(Stream.of(NO_SECRET));
    }

    private DeviceCaller byCertificate(Context ctx, PeerCertificate shown) {
        Certificate certificate =
                known.certificates()
                        .apply(new Sha256(shown.judged().fingerprint()))
                        .filter(each -> each.status() == CertificateStatus.VALID)
                        .filter(each -> !each.isExpired(clock.instant()))
                        .orElseThrow(
                                () ->
                                        refused(
                                                ctx,
                                                "certificate:"
                                                        + shown.judged().serial().toString(16),
                                                "this certificate is bound to no device, or revoked"));
        DeviceId id =
                certificate
                        .device()
                        .orElseThrow(
                                () ->
                                        refused(
                                                ctx,
                                                "certificate:" + certificate.id(),
                                                "this certificate is no device's"));
        Device device =
                Stages.await(known.devices().find(id))
                        .orElseThrow(() -> refused(ctx, "device:" + id, "there is no such device"));
        return new DeviceCaller(
                requireEnabled(device),
                Optional.of(certificate.id()),
                ctx.req().getRemoteAddr(),
                Optional.empty());
    }

    private static DeviceId requireEnabled(Device device) {
        if (device.status() == DeviceStatus.DISABLED) {
            throw new RequestRefusedException(
                    RefusalCode.DEVICE_DISABLED, "device '" + device.id() + "' is disabled");
        }
        return device.id();
    }

    private RequestRefusedException refused(Context ctx, String name, String why) {
        trail.refused(Stranger.CLIENT, name, ctx.req().getRemoteAddr(), 401, why);
        ctx.header("WWW-Authenticate", DeviceSignature.SCHEME);
        return new RequestRefusedException(RefusalCode.NOT_AUTHENTICATED, why);
    }

    /**
     * Counts a request, before it costs more than its signature did.
     *
     * @throws RequestRefusedException if there were too many of late
     */
    void requireFewEnough(DeviceCaller device) {
        if (!rate.take(device.id())) {
            throw new RequestRefusedException(
                    RefusalCode.RATE_LIMITED, "device '" + device.id() + "' asks too often");
        }
    }

    /** A device wanted what it may not. */
    void forbidden(DeviceCaller device, String act, String object) {
        trail.forbidden(
                device.actor(), device.address(), act, object, "no device may, or not this");
    }

    /**
     * Makes sure that a request that changes something is not one that was made before.
     *
     * @throws RequestRefusedException if it was
     * @throws ApiProblem (503) if nobody can tell
     */
    void requireFirst(DeviceCaller device) {
        if (device.signature().isEmpty()) {
            return;
        }
        String name = device.id().toString();
        String signature = device.signature().get();
        switch (seen.begin(name, signature)) {
            case BEGUN -> seen.ended(name, signature, true);
            case UNDER_WAY, ENDED ->
                    throw new RequestRefusedException(
                            RefusalCode.NOT_AUTHENTICATED,
                            "this request was made before; sign each one with another nonce");
            case NO_ROOM -> throw ApiProblem.unavailable("too many requests of late");
        }
    }
}
