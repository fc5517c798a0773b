package io.muster.devices.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.devices.AlreadyExistsException;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.NotFoundException;
import io.muster.devices.Product;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.IssuanceRequest;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.certificate.Validity;
import io.muster.devices.details.NewDevice;
import io.muster.devices.details.WantedDevice;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.change.RegistryListener;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The database does not say whether it has changed something: memory follows when it does. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
class UnsettledChangesTest {

    private final TestDatabase kind;
    private final Path folder;
    private final List<String> told = new ArrayList<>();
    private RegistryDatabase database;
    private DeviceRegistry registry;

    /** Changes what nobody is told of. */
    private DeviceRegistry elsewhere;

    private Device device;

    UnsettledChangesTest(TestDatabase kind, @TempDir Path folder) {
        this.kind = kind;
        this.folder = folder;
    }

    @BeforeEach
    void openWithADevice() throws IOException {
        database = kind.open(folder);
        registry = new DeviceRegistry(database, Clock.systemUTC());
        elsewhere = new DeviceRegistry(database, Clock.systemUTC());
        registry.products().create(Optional.of("pk1"), settings -> settings);
        device = registry.createDevice("pk1", Optional.of("dev1"));
        registry.addListener(new Telling());
    }

    @AfterEach
    void close() {
        if (database != null) {
            database.close();
        }
    }

    private final class Telling implements RegistryListener {

        @Override
        public void productChanged(String productKey) {
            told.add("changed " + productKey);
        }

        @Override
        public void settingsChanged(Product product) {
            told.add("settings " + product.settings().name());
        }

        @Override
        public void productDeleted(String productKey) {
            told.add("deleted " + productKey);
        }

        @Override
        public void deviceSecretsSettled(DeviceId id, RotatingSecret secrets) {
            told.add("settled " + secrets.newest().reveal());
        }

        @Override
        public void deviceCreated(Device created) {
            told.add("created " + created.id());
        }

        @Override
        public void certificatesRevoked(Set<CertificateId> revoked) {
            told.add("revoked " + revoked);
        }

        @Override
        public long devicesDeleted(Map<DeviceId, DeviceState> deleted) {
            deleted.forEach((id, state) -> told.add("deleted " + id + " " + state.status()));
            return 0;
        }

        @Override
        public void deviceMissing(DeviceId id) {
            told.add("missing " + id);
        }

        @Override
        public void deviceSecretsChanged(DeviceId id, RotatingSecret secrets) {
            told.add("secret " + secrets.newest().reveal());
        }
    }

    private void execute(String sql) {
        database.write("run " + sql, handle -> handle.execute(sql));
    }

    /** Transactions that delete devices fail when they are to be committed, until it is lifted. */
    private void refuseCommits(DeviceId id) {
        execute(
                """
                CREATE TABLE refusal (product_key VARCHAR(20), device_key VARCHAR(64),
                  FOREIGN KEY (product_key, device_key)
                    REFERENCES device (product_key, device_key) DEFERRABLE INITIALLY DEFERRED)
                """);
        execute("INSERT INTO refusal VALUES ('pk1', '%s')".formatted(id.deviceKey()));
    }

    private void liftRefusal() {
        execute("DROP TABLE refusal");
    }

    private static void assertUnanswered(ThrowingCallable change) {
        assertThatExceptionOfType(RegistryUnavailableException.class).isThrownBy(change);
    }

    /** The table is not there while this is asked. */
    private void assertUnanswered(String table, ThrowingCallable change) {
        execute("ALTER TABLE " + table + " RENAME TO elsewhere");
        assertUnanswered(change);
        assertUnanswered(registry::settleChanges);
        execute("ALTER TABLE elsewhere RENAME TO " + table);
    }

    @Test
    void aDeviceWhoseDeletionWasNotAnsweredIsForgottenAsOneThatWasThere() {
        refuseCommits(device.id());
        assertUnanswered(() -> registry.deleteDevice(device.id()));
        liftRefusal();
        assertThat(told).isEmpty();
        elsewhere.deleteDevice(device.id());

        registry.settleChanges();
        registry.settleChanges();

        assertThat(told).containsExactly("deleted pk1/dev1 INACTIVE");
    }

    @Test
    void whoDeletesItAgainFindsNothingButMemoryForgetsOneThatWasThere() {
        refuseCommits(device.id());
        assertUnanswered(() -> registry.deleteDevice(device.id()));
        liftRefusal();
        elsewhere.deleteDevice(device.id());

        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> registry.deleteDevice(device.id()));
        registry.settleChanges();

        assertThat(told).containsExactly("deleted pk1/dev1 INACTIVE");
    }

    @Test
    void whatIsCreatedUnderItsNameComesAfterItWasForgotten() {
        refuseCommits(device.id());
        assertUnanswered(() -> registry.deleteDevices("pk1", 10));
        liftRefusal();
        elsewhere.deleteDevice(device.id());

        registry.createDevice("pk1", Optional.of("dev1"));
        registry.settleChanges();

        assertThat(told).containsExactly("deleted pk1/dev1 INACTIVE", "created pk1/dev1");
    }

    private CertificateId reserve(DeviceId id, int serial) {
        CertificateId certificate = new CertificateId("g1", "%016x".formatted(serial));
        Instant now = Instant.parse("2030-01-01T00:00:00Z");
        Reservation reservation =
                new Reservation(
                        certificate,
                        CertificateKind.DEVICE,
                        new Owner.Device(id),
                        Sha256.of(new byte[] {(byte) serial}),
                        new Validity(now, now.plusSeconds(3600)),
                        new IssuanceRequest("anna", now, Optional.empty()),
                        Optional.empty());
        assertThat(new CertificateRegistry(database).reserve(reservation, 10)).isEmpty();
        return certificate;
    }

    /** Otherwise the next device of that name could sign in with them, from what is cached. */
    @Test
    void whichCertificatesWentWithADeviceIsToldBeforeItsNameIsGivenAgain() {
        CertificateId first = reserve(device.id(), 1);
        refuseCommits(device.id());
        assertUnanswered(() -> registry.deleteDevice(device.id()));
        liftRefusal();
        elsewhere.deleteDevice(device.id());
        assertThat(told).isEmpty();

        Device next = registry.createDevice("pk1", Optional.of("dev1"));

        assertThat(told)
                .containsExactly(
                        "revoked [" + first + "]",
                        "deleted pk1/dev1 INACTIVE",
                        "created " + next.id());
    }

    /** One deletion may have done it, and another one, whose answer came, found what was left. */
    @Test
    void whatAnUnansweredDeletionMayHaveRevokedIsToldWithTheNext() {
        CertificateId first = reserve(device.id(), 1);
        refuseCommits(device.id());
        assertUnanswered(() -> registry.deleteDevice(device.id()));
        liftRefusal();
        elsewhere.deleteDevice(device.id());
        elsewhere.createDevice("pk1", Optional.of("dev1"));

        registry.deleteDevice(device.id());

        assertThat(told).containsExactly("revoked [" + first + "]", "deleted pk1/dev1 INACTIVE");
    }

    @Test
    void aDeviceThatWasNotDeletedStays() {
        refuseCommits(device.id());
        assertUnanswered(() -> registry.deleteDevice(device.id()));
        liftRefusal();

        registry.settleChanges();

        assertThat(told)
                .containsExactly(
                        "secret " + device.secret().reveal(),
                        "settled " + device.secret().reveal());
    }

    @Test
    void aSecretThatMayBeAnotherOneIsLookedUp() {
        assertUnanswered(
                "device",
                () ->
                        registry.rotateDeviceSecret(
                                device.id(), Duration.ZERO, OptionalLong.empty()));
        Device rotated =
                elsewhere.rotateDeviceSecret(device.id(), Duration.ZERO, OptionalLong.empty());

        registry.settleChanges();
        registry.settleChanges();

        assertThat(told)
                .containsExactly(
                        "secret " + rotated.secret().reveal(),
                        "settled " + rotated.secret().reveal());
    }

    @Test
    void whoLooksDoesNotWaitForAChangeThatIsBeingMade() throws Exception {
        assertUnanswered(
                "device",
                () ->
                        registry.rotateDeviceSecret(
                                device.id(), Duration.ZERO, OptionalLong.empty()));
        CompletableFuture<Void> made = new CompletableFuture<>();
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        registry.addListener(
                new RegistryListener() {
                    @Override
                    public void deviceCreated(Device created) {
                        made.complete(null);
                        goOn.orTimeout(30, TimeUnit.SECONDS).join();
                    }
                });
        CompletableFuture<Device> creating =
                CompletableFuture.supplyAsync(
                        () -> registry.createDevice("pk1", Optional.of("dev2")));
        made.get(10, TimeUnit.SECONDS);

        registry.settleChanges();

        assertThat(told).containsExactly("created pk1/dev2");
        goOn.complete(null);
        creating.get(10, TimeUnit.SECONDS);
        registry.settleChanges();
        assertThat(told).contains("settled " + device.secret().reveal());
    }

    @Test
    void aRowThatCannotBeReadDoesNotKeepOthersFromBeingLookedAt() {
        List<DeviceId> ids = new ArrayList<>();
        for (int i = 2; i <= 9; i++) {
            ids.add(registry.createDevice("pk1", Optional.of("dev" + i)).id());
        }
        ids.add(device.id());
        execute("ALTER TABLE device RENAME TO elsewhere");
        ids.forEach(
                id ->
                        assertUnanswered(
                                () ->
                                        registry.rotateDeviceSecret(
                                                id, Duration.ZERO, OptionalLong.empty())));
        execute("ALTER TABLE elsewhere RENAME TO device");
        execute("UPDATE device SET secret = 'no secret' WHERE device_key = 'dev5'");
        told.clear();

        registry.settleChanges();
        assertThat(told).filteredOn(word -> word.startsWith("settled ")).hasSize(8);

        elsewhere.deleteDevice(new DeviceId("pk1", "dev5"));
        registry.settleChanges();
        assertThat(told).last().isEqualTo("missing pk1/dev5");
    }

    /** Whoever creates a device is told nothing, though it is there: until that is found. */
    private Device createUnanswered(String key) {
        return elsewhere.createDevice(attempt(key));
    }

    private static WantedDevice wanted(String key) {
        return new WantedDevice(
                "pk1",
                Optional.of(key),
                Optional.of(Secret.generate()),
                Optional.empty(),
                Map.of(),
                Map.of());
    }

    @Test
    void aDeviceThatMayBeCreatedIsToldOfWhenItIsThere() {
        createUnanswered("dev2");
        assertUnanswered("device", () -> registry.createDevice("pk1", Optional.of("dev3")));

        registry.settleChanges();
        registry.settleChanges();

        assertThat(told).containsExactly("created pk1/dev2");
    }

    @Test
    void anImportThatMayBeMadeIsToldOfWhenOneOfItsDevicesIsThere() {
        List<NewDevice> devices =
                List.of(
                        NewDevice.of("dev2", Secret.generate()),
                        NewDevice.of("dev3", Secret.generate()));
        assertUnanswered("device", () -> registry.importDevices("pk1", devices));
        elsewhere.importDevices("pk1", devices);

        registry.settleChanges();
        registry.settleChanges();

        assertThat(told).containsExactly("created pk1/dev2", "created pk1/dev3");
    }

    @Test
    void aDeviceThatMayBeCreatedIsCountedBeforeItsDeletion() {
        createUnanswered("dev2");

        registry.deleteDevice(new DeviceId("pk1", "dev2"));
        registry.settleChanges();

        assertThat(told).containsExactly("created pk1/dev2", "deleted pk1/dev2 INACTIVE");
    }

    @Test
    void aDeviceThatWasNotCreatedAndThenIsIsToldOfOnce() {
        assertUnanswered("device", () -> registry.createDevice("pk1", Optional.of("dev2")));

        registry.createDevice("pk1", Optional.of("dev2"));
        registry.settleChanges();

        assertThat(told).containsExactly("created pk1/dev2");
    }

    /** It may be made, and nobody says so. */
    private WantedDevice attempt(String key) {
        WantedDevice wanted = wanted(key);
        assertUnanswered("device", () -> registry.createDevice(wanted));
        return wanted;
    }

    @Test
    void ofTwoAttemptsToCreateADeviceTheOneIsToldOfThatWasMade() {
        WantedDevice first = attempt("dev2");
        WantedDevice second = attempt("dev2");
        elsewhere.createDevice(first);
        elsewhere.createDevice(wanted("dev3"));

        registry.settleChanges();
        assertThat(told).containsExactly("created pk1/dev2");

        attempt("dev3");
        assertThatExceptionOfType(AlreadyExistsException.class)
                .isThrownBy(() -> registry.createDevice(second));
        registry.settleChanges();
        assertThat(told).containsExactly("created pk1/dev2");
    }

    @Test
    void whoImportsADeviceOnceMoreFindsOutWhetherItWasImportedBefore() {
        List<NewDevice> devices =
                List.of(
                        NewDevice.of("dev2", Secret.generate()),
                        NewDevice.of("dev3", Secret.generate()));
        assertUnanswered("device", () -> registry.importDevices("pk1", devices));
        elsewhere.importDevices("pk1", devices);

        List<NewDevice> again =
                List.of(
                        NewDevice.of("dev3", Secret.generate()),
                        NewDevice.of("dev4", Secret.generate()));
        assertThat(registry.importDevices("pk1", again))
                .containsExactly(new DeviceId("pk1", "dev3"));
        assertThat(told).containsExactly("created pk1/dev2", "created pk1/dev3");
        registry.settleChanges();
        assertThat(told).hasSize(2);
    }

    @Test
    void aDeviceThatMayBeCreatedIsToldOfBeforeItGetsAnotherSecret() {
        createUnanswered("dev2");

        Device rotated =
                registry.rotateDeviceSecret(
                        new DeviceId("pk1", "dev2"), Duration.ZERO, OptionalLong.empty());
        registry.settleChanges();

        assertThat(told).containsExactly("created pk1/dev2", "secret " + rotated.secret().reveal());
    }

    @Test
    void oneThatMayBeDeletedIsForgottenBeforeTheOneThatMayBeCreatedUnderItsName() {
        refuseCommits(device.id());
        assertUnanswered(() -> registry.deleteDevice(device.id()));
        liftRefusal();
        elsewhere.deleteDevice(device.id());
        WantedDevice wanted = wanted("dev1");
        execute("ALTER TABLE device RENAME TO elsewhere");
        assertUnanswered(() -> registry.createDevice(wanted));
        execute("ALTER TABLE elsewhere RENAME TO device");
        elsewhere.createDevice(wanted);

        registry.settleChanges();
        registry.settleChanges();

        assertThat(told).containsExactly("deleted pk1/dev1 INACTIVE", "created pk1/dev1");
    }

    @Test
    void oneThatMayBeCreatedAndMayBeDeletedIsToldOfTwice() {
        deleteUnanswered(createUnanswered("dev2"));

        registry.settleChanges();
        registry.settleChanges();

        assertThat(told).containsExactly("created pk1/dev2", "deleted pk1/dev2 INACTIVE");
    }

    /** It is deleted, and nobody said so. */
    private void deleteUnanswered(Device deleted) {
        refuseCommits(deleted.id());
        assertUnanswered(() -> registry.deleteDevice(deleted.id()));
        liftRefusal();
        elsewhere.deleteDevice(deleted.id());
    }

    @Test
    void aProductWhoseSecretMayBeAnotherOneIsLookedUpAnewOnceMore() {
        assertUnanswered(
                "product",
                () -> registry.products().rotateSecret("pk1", Duration.ZERO, OptionalLong.empty()));
        assertThat(told).containsExactly("changed pk1");

        registry.settleChanges();
        registry.settleChanges();

        assertThat(told).containsExactly("changed pk1", "changed pk1", "settings pk1");
    }

    @Test
    void aProductThatMayBeDeletedIsForgottenWhenItIs() {
        elsewhere.deleteDevice(device.id());
        assertUnanswered("product", () -> registry.products().delete("pk1", OptionalLong.empty()));
        elsewhere.products().delete("pk1", OptionalLong.empty());

        registry.settleChanges();
        registry.settleChanges();

        assertThat(told).containsExactly("changed pk1", "changed pk1", "deleted pk1");
    }

    @Test
    void aProductThatMayBeCreatedIsLookedUpLater() {
        assertUnanswered(
                "product", () -> registry.products().create(Optional.of("pk2"), made -> made));
        elsewhere.products().create(Optional.of("pk2"), made -> made.withName("Made"));

        registry.settleChanges();
        registry.settleChanges();

        assertThat(told).containsExactly("changed pk2", "settings Made");
    }

    @Test
    void aProductThatMayBeAnotherOneIsLookedUpAnewAtOnceAndItsSettingsLater() {
        assertUnanswered(
                "product",
                () ->
                        registry.products()
                                .update("pk1", OptionalLong.empty(), old -> old.withName("New")));
        assertThat(told).containsExactly("changed pk1");
        elsewhere.products().update("pk1", OptionalLong.empty(), old -> old.withName("New"));

        registry.settleChanges();
        registry.settleChanges();

        assertThat(told).containsExactly("changed pk1", "changed pk1", "settings New");
    }
}
