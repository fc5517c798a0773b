package io.muster.auth.secret;

import io.muster.auth.RegistryOutage;
import io.muster.auth.TopicPolicy;
import io.muster.auth.secret.ActivationListener.Refusal;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceLookup;
import io.muster.devices.DeviceStatus;
import io.muster.devices.NotFoundException;
import io.muster.devices.Product;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.product.Enrollment;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Signs devices in that prove themselves with a secret; shared by all threads, never blocks.
 *
 * <p>While a secret is being replaced the one before is good too. An unknown device and a wrong
 * signature get the same answer after the same work: two signatures are computed and compared in
 * both cases, also if there is no previous secret. Whether a device is disabled is told only to who
 * has proven to be it.
 */
public final class DeviceSecretAuthenticator implements Authenticator {

    /** The {@code kind} of a device that is here to fetch its secret, and not signed in. */
    public static final String ACTIVATING = "activating-device";

    /**
     * What the principals of devices begin with, which are signed in and not {@link #ACTIVATING}.
     */
    public static final String PRINCIPAL_PREFIX = "device:";

    /**
     * The attribute of an identity with the {@linkplain Secret#mark mark} of the secret that proved
     * it: of the device's, or of the product's if the device is {@link #ACTIVATING}. Whoever lets
     * the client in looks whether that secret is still good then.
     */
    public static final String SECRET_MARK = "secretMark";

    /**
     * The attribute of an identity that names how all payloads of its connection are compressed,
     * both ways; left out if they are not.
     */
    public static final String COMPRESSION = "payloadCompression";

    private static final List<String> COMPRESSIONS = List.of("gzip", "lz4");

    /** Room for the longest device key, the block that the Java SDK adds, and all options. */
    static final int MAX_CLIENT_IDENTIFIER_LENGTH = 1024;

    private static final byte[] NO_PASSWORD = {};

    private final DeviceLookup devices;
    private final DeviceRegistration registration;
    private final DevicePermissions permissions;
    private final SignInDemands demands;
    private final Clock clock;
    private final ActivationListener activations;

    /** Stands in for the secret of a device that there is not. */
    private final Secret unknown = Secret.generate();

    /**
     * Signs in the devices that {@code devices} knows.
     *
     * @param registration registers others, where their product wants that
     * @param permissions says which topics they may use
     * @param policy what is asked of those whose product says nothing else
     * @param clock for the policy's skew and the ends of secrets
     */
    public DeviceSecretAuthenticator(
            DeviceLookup devices,
            DeviceRegistration registration,
            DevicePermissions permissions,
            DeviceSecretPolicy policy,
            Clock clock) {
        this(devices, registration, permissions, policy, clock, ActivationListener.NONE);
    }

    /**
     * The same.
     *
     * @param activations is told of devices that may not fetch their secret
     */
    public DeviceSecretAuthenticator(
            DeviceLookup devices,
            DeviceRegistration registration,
            DevicePermissions permissions,
            DeviceSecretPolicy policy,
            Clock clock,
            ActivationListener activations) {
        this.devices = devices;
        this.registration = registration;
        this.permissions = permissions;
        this.demands = new SignInDemands(policy, clock);
        this.clock = clock;
        this.activations = activations;
    }

    @Override
    public CompletionStage<AuthResult> authenticate(Credentials credentials) {
        Optional<DeviceUsername> username = credentials.username().flatMap(DeviceUsername::parse);
        String clientIdentifier = credentials.clientIdentifier();
        boolean tooLong = clientIdentifier.length() > MAX_CLIENT_IDENTIFIER_LENGTH;
        Optional<ConnectParameters> parameters =
                tooLong ? Optional.empty() : ConnectParameters.parse(clientIdentifier);
        if (username.isEmpty() && parameters.isEmpty()) {
            return CompletableFuture.completedFuture(AuthResult.abstain());
        }
        if (parameters.isEmpty()) {
            return denied(
                    DenyReason.BAD_CLIENT_IDENTIFIER,
                    tooLong
                            ? "client identifier is longer than " + MAX_CLIENT_IDENTIFIER_LENGTH
                            : "client identifier has no option block |...|");
        }
        if (username.isEmpty() || username.get().isTooLong()) {
            return denied(DenyReason.BAD_CREDENTIALS, "user name is not deviceKey&productKey");
        }
        Optional<String> compression = parameters.get().compression();
        if (compression.isPresent() && !COMPRESSIONS.contains(compression.get())) {
            // It would understand nothing that it is sent.
            return denied(
                    DenyReason.BAD_CLIENT_IDENTIFIER,
                    "compression is not offered, only %s: %s"
                            .formatted(COMPRESSIONS, compression.get()));
        }
        byte[] password = credentials.password().orElse(NO_PASSWORD);
        boolean showsCertificate = !credentials.peerCertificates().isEmpty();
        return signIn(username.get(), parameters.get(), password, showsCertificate)
                .thenApply(
                        result -> compression.map(name -> compressed(result, name)).orElse(result))
                .exceptionally(RegistryOutage::answer);
    }

    private static AuthResult compressed(AuthResult result, String compression) {
        if (!(result instanceof AuthResult.Accept accept)) {
            return result;
        }
        Identity identity = accept.identity();
        Map<String, String> attributes = new HashMap<>(identity.attributes());
        attributes.put(COMPRESSION, compression);
        return AuthResult.accept(
                new Identity(
                        identity.principal(),
                        identity.clientIdentifier(),
                        identity.permissions(),
                        attributes));
    }

    private CompletionStage<AuthResult> signIn(
            DeviceUsername username,
            ConnectParameters parameters,
            byte[] password,
            boolean showsCertificate) {
        String name = parameters.find("signmethod").orElse(SignMethod.SHA1.option());
        Optional<SignMethod> method = SignMethod.find(name);
        Optional<String> timestamp = parameters.find("timestamp");
        if (method.isEmpty()) {
            return denied(DenyReason.BAD_CLIENT_IDENTIFIER, "signmethod is not known: " + name);
        }
        if (timestamp.isEmpty()) {
            return denied(DenyReason.BAD_CLIENT_IDENTIFIER, "timestamp is missing");
        }
        DeviceSignature signature =
                new DeviceSignature(
                        method.get(),
                        parameters.clientId(),
                        username.deviceKey(),
                        username.productKey(),
                        timestamp.get());
        return signIn(
                new Attempt(username, signature, false, showsCertificate),
                parameters.find("securemode").orElse("2"),
                password);
    }

    /**
     * Signs a device in whose gateway speaks for it, by the same rules as one that connects.
     *
     * @return accepts the device as itself, or as {@link #ACTIVATING} if it fetches its secret
     */
    public CompletionStage<AuthResult> authenticate(DeviceClaim claim) {
        return authenticate(claim, 0).exceptionally(RegistryOutage::answer);
    }

    private CompletionStage<AuthResult> authenticate(DeviceClaim claim, int form) {
        DeviceId id = claim.id();
        return signIn(
                        new Attempt(
                                new DeviceUsername(id.deviceKey(), id.productKey()),
                                claim.forms().get(form),
                                claim.toldBefore(),
                                false),
                        claim.mode(),
                        claim.sign().getBytes(StandardCharsets.UTF_8))
                .thenCompose(
                        result ->
                                isNotProven(result) && form + 1 < claim.forms().size()
                                        ? authenticate(claim, form + 1)
                                        : CompletableFuture.completedFuture(result));
    }

    private static boolean isNotProven(AuthResult result) {
        return result instanceof AuthResult.Deny deny
                && deny.reason() == DenyReason.BAD_CREDENTIALS;
    }

    private CompletionStage<AuthResult> signIn(Attempt attempt, String mode, byte[] password) {
        return switch (mode) {
            case "2" -> withDeviceSecret(attempt, password);
            case "3" -> withProductSecret(attempt, password);
            case "4" -> denied(DenyReason.BAD_CREDENTIALS, "securemode 4 is not offered");
            default -> denied(DenyReason.BAD_CLIENT_IDENTIFIER, "securemode is not known: " + mode);
        };
    }

    /**
     * What a device says when it signs in, besides its proof.
     *
     * @param toldBefore whether it may be told its secret again by way of its gateway
     * @param showsCertificate whether it has a certificate too, of which others find out whether it
     *     is its own
     */
    private record Attempt(
            DeviceUsername username,
            DeviceSignature signature,
            boolean toldBefore,
            boolean showsCertificate) {}

    /** Mode 2: the device's own secret. */
    private CompletionStage<AuthResult> withDeviceSecret(Attempt attempt, byte[] password) {
        return attempt.username()
                .id()
                .map(devices::find)
                .orElseGet(DeviceSecretAuthenticator::nothingFound)
                .thenCompose(
                        device -> {
                            Optional<Secret> proof =
                                    proof(
                                            device.map(Device::secrets),
                                            attempt.signature(),
                                            password);
                            return device.isPresent() && proof.isPresent()
                                    ? admit(device.get(), proof.get(), attempt)
                                    : CompletableFuture.completedFuture(
                                            notProven(attempt.username(), device.isPresent()));
                        });
    }

    /** Mode 3: the product's secret, with which a device fetches its own. */
    private CompletionStage<AuthResult> withProductSecret(Attempt attempt, byte[] password) {
        return attempt.username()
                .id()
                .map(id -> devices.findProduct(id.productKey()))
                .orElseGet(DeviceSecretAuthenticator::nothingFound)
                .thenCompose(
                        product -> {
                            Optional<Secret> proof =
                                    proof(
                                            product.map(Product::secrets),
                                            attempt.signature(),
                                            password);
                            if (product.isPresent() && proof.isPresent()) {
                                return activate(product.get(), proof.get(), attempt);
                            }
                            activations.refused(Refusal.WRONG_SIGNATURE);
                            return CompletableFuture.completedFuture(
                                    notProven(attempt.username(), product.isPresent()));
                        })
                .whenComplete(
                        (result, failure) -> {
                            if (failure != null) {
                                activations.refused(Refusal.UNAVAILABLE);
                            }
                        });
    }

    /** Only a device that never signed in may fetch its secret. */
    private CompletionStage<AuthResult> activate(Product product, Secret proof, Attempt attempt) {
        Enrollment enrollment = product.settings().enrollment();
        if (!enrollment.dynamicActivation()) {
            activations.refused(Refusal.SWITCHED_OFF);
            return denied(
                    DenyReason.BAD_CREDENTIALS,
                    "product has no dynamic activation: " + product.productKey());
        }
        Optional<AuthResult> refusal =
                demands.refusal(
                        product, attempt.signature().method(), attempt.signature().timestamp());
        if (refusal.isPresent()) {
            activations.refused(Refusal.POLICY);
            return CompletableFuture.completedFuture(refusal.get());
        }
        return attempt.username()
                .id()
                .map(devices::find)
                .orElseGet(DeviceSecretAuthenticator::nothingFound)
                .thenCompose(
                        device ->
                                device.map(
                                                found ->
                                                        admitToActivation(
                                                                product, found, proof, attempt))
                                        .orElseGet(() -> register(product, proof, attempt)));
    }

    /** One that is not registered may be let in by its product. */
    private CompletionStage<AuthResult> register(Product product, Secret proof, Attempt attempt) {
        DeviceUsername username = attempt.username();
        Optional<DeviceId> id =
                username.id()
                        .filter(
                                named ->
                                        product.settings().enrollment().selfRegistration()
                                                && !product.settings().certificateRequired());
        if (id.isEmpty()) {
            return CompletableFuture.completedFuture(notRegistered(username));
        }
        return registration
                .register(id.get())
                .thenCompose(device -> admitToActivation(product, device, proof, attempt))
                .exceptionallyCompose(
                        failure ->
                                isNotFound(failure)
                                        ? CompletableFuture.completedFuture(notRegistered(username))
                                        : CompletableFuture.failedFuture(failure));
    }

    private AuthResult notRegistered(DeviceUsername username) {
        activations.refused(Refusal.UNKNOWN_DEVICE);
        return notProven(username, false);
    }

    private static boolean isNotFound(Throwable failure) {
        return failure instanceof NotFoundException
                || failure.getCause() instanceof NotFoundException;
    }

    private CompletionStage<AuthResult> admitToActivation(
            Product product, Device device, Secret proof, Attempt attempt) {
        DeviceId id = device.id();
        // Who fetches its secret has no certificate yet: it gets one by means of that.
        Optional<AuthResult> refusal = refusal(product, device, proof, attempt, false);
        if (refusal.isPresent()) {
            activations.refused(
                    device.status() == DeviceStatus.DISABLED ? Refusal.DISABLED : Refusal.POLICY);
            return CompletableFuture.completedFuture(refusal.get());
        }
        if (!device.awaitsActivation() && !attempt.toldBefore()) {
            activations.refused(Refusal.ACTIVATED);
            return denied(DenyReason.NOT_AUTHORIZED, "device is activated: " + id);
        }
        Map<String, String> facts = facts(ACTIVATING, id, proof);
        return CompletableFuture.completedFuture(
                AuthResult.accept(
                        new Identity(
                                activationName(id),
                                activationName(id),
                                TopicPolicy.forActivation(facts),
                                facts)));
    }

    /** What speaks against a device that has proven itself; empty if nothing does. */
    private Optional<AuthResult> refusal(
            Product product,
            Device device,
            Secret proof,
            Attempt attempt,
            boolean lacksCertificate) {
        DeviceId id = device.id();
        Optional<AuthResult> unproven =
                demands.refusal(
                        product, attempt.signature().method(), attempt.signature().timestamp());
        if (unproven.isPresent()) {
            return unproven;
        }
        if (device.status() == DeviceStatus.DISABLED) {
            return Optional.of(
                    AuthResult.deny(DenyReason.NOT_AUTHORIZED, "device is disabled: " + id));
        }
        if (lacksCertificate) {
            return Optional.of(
                    AuthResult.deny(
                            DenyReason.NOT_AUTHORIZED,
                            "product requires a certificate, and none was presented: " + id));
        }
        return demands.noteTimestamp(product, id, proof.mark(), attempt.signature().timestamp());
    }

    /**
     * What a device is called that is here to fetch its secret, and its session: not as the device
     * itself, whose session nobody touches who has the product's secret only.
     */
    public static String activationName(DeviceId id) {
        return "activation:" + id;
    }

    private static Map<String, String> facts(String kind, DeviceId id, Secret proof) {
        return Map.of(
                "kind",
                kind,
                "productKey",
                id.productKey(),
                "deviceKey",
                id.deviceKey(),
                SECRET_MARK,
                proof.mark());
    }

    /**
     * With what the device calls itself, if its product's topic rules want to know that and it can
     * be a level of a topic; without the block {@code {ip=...}} that the Java SDK adds.
     */
    private static Map<String, String> facts(
            Product product, DeviceId id, Secret proof, Attempt attempt) {
        Map<String, String> facts = facts("device", id, proof);
        if (!product.settings().topics().isAbout("clientId")) {
            return facts;
        }
        int block = attempt.signature().clientId().indexOf('{');
        String name =
                block < 0
                        ? attempt.signature().clientId()
                        : attempt.signature().clientId().substring(0, block);
        if (!TopicPolicy.isLevel(name)) {
            return facts;
        }
        Map<String, String> more = new HashMap<>(facts);
        more.put("clientId", name);
        return Map.copyOf(more);
    }

    /**
     * The good secret that the signature was made with. Does the same work for all that are wrong,
     * whether there are two secrets, one or none.
     */
    private Optional<Secret> proof(
            Optional<RotatingSecret> secrets, DeviceSignature signature, byte[] password) {
        Secret newest = secrets.map(RotatingSecret::newest).orElse(unknown);
        if (signature.matches(newest, password)) {
            return secrets.map(RotatingSecret::newest);
        }
        Optional<Secret> previous =
                secrets.flatMap(known -> known.previousAt(clock.instant()))
                        .map(RotatingSecret.Previous::secret);
        boolean matches = signature.matches(previous.orElse(unknown), password);
        return previous.filter(found -> matches);
    }

    private CompletionStage<AuthResult> admit(Device device, Secret proof, Attempt attempt) {
        return devices.findProduct(device.id().productKey())
                .thenApply(
                        product ->
                                product.map(found -> admit(found, device, proof, attempt))
                                        .orElseGet(() -> notProven(attempt.username(), false)));
    }

    private AuthResult admit(Product product, Device device, Secret proof, Attempt attempt) {
        DeviceId id = device.id();
        boolean lacksCertificate =
                product.settings().certificateRequired() && !attempt.showsCertificate();
        return refusal(product, device, proof, attempt, lacksCertificate)
                .orElseGet(
                        () -> {
                            Map<String, String> facts = facts(product, id, proof, attempt);
                            return AuthResult.accept(
                                    new Identity(
                                            PRINCIPAL_PREFIX + id,
                                            id.toString(),
                                            permissions.of(product, facts),
                                            facts));
                        });
    }

    private static AuthResult notProven(DeviceUsername username, boolean known) {
        return AuthResult.deny(
                DenyReason.BAD_CREDENTIALS,
                "%s: %s/%s"
                        .formatted(
                                known ? "wrong signature" : "not registered",
                                username.productKey(),
                                username.deviceKey()));
    }

    private static <T> CompletionStage<Optional<T>> nothingFound() {
        return CompletableFuture.completedFuture(Optional.empty());
    }

    private static CompletionStage<AuthResult> denied(DenyReason reason, String detail) {
        return CompletableFuture.completedFuture(AuthResult.deny(reason, detail));
    }
}
