package io.muster.hub.certificates.enrolment;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.ca.authority.AuthorityAudit;
import io.muster.ca.authority.PublicAddresses;
import io.muster.ca.request.EncodedRequest;
import io.muster.ca.weakkey.KeyBlocklist;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceLookup;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.Product;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.certificates.CertificateRevocations;
import io.muster.devices.registry.certificates.CertificateSearch;
import io.muster.devices.registry.secret.SecretCipher;
import io.muster.hub.certificates.CrlPublication;
import io.muster.hub.certificates.Csr;
import io.muster.hub.certificates.authority.AuthorityRecords;
import io.muster.hub.certificates.authority.AuthoritySetup;
import io.muster.hub.certificates.authority.OwnAuthority;
import io.muster.hub.certificates.enrolment.EnrolmentRequest.Wishes;
import io.muster.hub.certificates.ledger.RegistryCrls;
import io.muster.hub.certificates.ledger.RegistryLedger;
import io.muster.hub.certificates.trust.TestTrust;
import io.muster.hub.config.certificates.AuthorityConfig;
import io.muster.hub.config.certificates.EnrolmentConfig;
import io.muster.hub.monitoring.CertificateMetrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** An authority and a registry, with devices that ask for certificates, and a clock of its own. */
final class EnrolmentStage implements AutoCloseable {

    static final String PRODUCT = "pump";

    final RegistryDatabase database;
    final DeviceRegistry devices;
    final CertificateRegistry certificates;
    final OwnAuthority authority;
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final AtomicLong nanos = new AtomicLong();

    /** What followed revocations, in its order. */
    final List<String> events = new CopyOnWriteArrayList<>();

    /** With which somebody is connected. */
    final List<CertificateId> connected = new CopyOnWriteArrayList<>();

    private final Map<DeviceId, Device> disabled = new HashMap<>();
    CompletionStage<Void> closing = CompletableFuture.completedFuture(null);
    Optional<RuntimeException> listsFailure = Optional.empty();
    boolean hasLists = true;
    private Duration passed = Duration.ZERO;

    final Clock clock =
            new Clock() {
                @Override
                public ZoneId getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    return this;
                }

                @Override
                public Instant instant() {
                    return Instant.now().plus(passed);
                }
            };

    private final List<DeviceCertificates> opened = new ArrayList<>();

    private EnrolmentStage(Path folder) throws IOException {
        database =
                RegistryDatabase.open(
                        new RegistrySettings(
                                "jdbc:sqlite:" + folder.resolve("registry.db"),
                                "",
                                "",
                                2,
                                Duration.ofSeconds(5)),
                        SecretCipher.load(folder.resolve("secret.key")));
        devices = new DeviceRegistry(database, clock);
        certificates = new CertificateRegistry(database);
        CertificateRevocations revocations = new CertificateRevocations(database);
        authority =
                OwnAuthority.open(
                        new AuthoritySetup(
                                folder.resolve("ca"),
                                AuthorityConfig.DEFAULT,
                                new PublicAddresses("http://hub.example", 2, null)),
                        new AuthorityRecords(
                                new RegistryLedger(certificates, revocations),
                                new RegistryCrls(revocations)),
                        clock);
        devices.products().create(Optional.of(PRODUCT), settings -> settings);
    }

    static EnrolmentStage open(Path folder) {
        try {
            return new EnrolmentStage(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void pass(Duration time) {
        passed = passed.plus(time);
    }

    DeviceId device(String key) {
        return devices.createDevice(PRODUCT, Optional.of(key)).id();
    }

    /** In memory, before anything is written. */
    void disable(DeviceId id) {
        Device device = devices.findDevice(id).orElseThrow();
        disabled.put(
                id,
                new Device(
                        id,
                        device.secrets(),
                        new DeviceState(DeviceStatus.DISABLED, 2, clock.instant()),
                        device.createdAt(),
                        device.activatedAt(),
                        device.lastOnlineAt(),
                        device.lastOfflineAt()));
    }

    DeviceCertificates certificates(EnrolmentConfig config) {
        return certificates(config, DeviceIssuers.of(authority, clock));
    }

    /** Of a hub whose listeners take these keys. */
    DeviceCertificates certificates(EnrolmentConfig config, SignInKeys keys) {
        return certificates(config, DeviceIssuers.of(authority, clock), keys);
    }

    DeviceCertificates certificates(EnrolmentConfig config, DeviceIssuers issuers) {
        return certificates(config, issuers, SignInKeys.ALL);
    }

    private DeviceCertificates certificates(
            EnrolmentConfig config, DeviceIssuers issuers, SignInKeys keys) {
        DeviceCertificates made =
                DeviceCertificates.open(
                        new DeviceCertificates.Ground(
                                database,
                                devices,
                                lookup(),
                                TestTrust.of(clock),
                                clock,
                                nanos::get,
                                keys),
                        Optional.of(
                                new DeviceCertificates.Authority(
                                        issuers,
                                        publication(),
                                        new AuthorityAudit(authority.audit()),
                                        KeyBlocklist.published(),
                                        authority.generations())),
                        new DeviceCertificates.Audience(
                                this::revoked,
                                productKey -> List.copyOf(connected),
                                new CertificateMetrics(meters)),
                        config);
        opened.add(made);
        return made;
    }

    private CompletionStage<Void> revoked(Collection<CertificateId> revoked) {
        events.add("shut out " + revoked.size());
        return closing;
    }

    private CrlPublication publication() {
        return new CrlPublication() {
            @Override
            public Map<CertificateId, Long> publish(Collection<CertificateId> revoked) {
                return EnrolmentStage.this.publish(revoked);
            }

            @Override
            public boolean hasLists(CertificateId id) {
                return hasLists && authority.lists().hasLists(id);
            }
        };
    }

    private Map<CertificateId, Long> publish(Collection<CertificateId> revoked) {
        listsFailure.ifPresent(
                failure -> {
                    throw failure;
                });
        events.add("published " + revoked.size());
        return hasLists ? authority.lists().publish(revoked) : Map.of();
    }

    private DeviceLookup lookup() {
        return new DeviceLookup() {
            @Override
            public CompletionStage<Optional<Device>> find(DeviceId id) {
                return CompletableFuture.completedFuture(
                        Optional.ofNullable(disabled.get(id)).or(() -> devices.findDevice(id)));
            }

            @Override
            public CompletionStage<Optional<Product>> findProduct(String productKey) {
                return CompletableFuture.completedFuture(devices.products().find(productKey));
            }
        };
    }

    /** As an operator asks. */
    static EnrolmentRequest request(DeviceId device, Csr csr) {
        return request(device, csr, Wishes.NONE);
    }

    static EnrolmentRequest request(DeviceId device, Csr csr, Wishes wishes) {
        return EnrolmentRequest.of(
                device, Requester.operator("anna"), EncodedRequest.of(csr.der()), wishes);
    }

    /** How many certificates a device has or had. */
    int count(DeviceCertificates of, DeviceId device) {
        return of.list()
                .page(
                        CertificateSearch.of(device.productKey()).withDevice(device.deviceKey()),
                        Optional.empty(),
                        100)
                .certificates()
                .size();
    }

    @Override
    public void close() {
        opened.forEach(DeviceCertificates::close);
        authority.close();
        database.close();
    }
}
