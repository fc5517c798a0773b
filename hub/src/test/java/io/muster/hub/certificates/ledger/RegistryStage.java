package io.muster.hub.certificates.ledger;

import io.muster.ca.Owner;
import io.muster.ca.pki.Issuers;
import io.muster.devices.DeviceId;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.TestDatabase;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.certificates.CertificateRevocations;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;

/** A registry with a product, and its ledger. */
final class RegistryStage implements AutoCloseable {

    private final RegistryDatabase database;
    private final DeviceRegistry devices;
    final RegistryLedger ledger;
    final RegistryCrls crls;
    private int made;

    RegistryStage(TestDatabase kind, Path folder) throws IOException {
        database = kind.open(folder);
        devices = new DeviceRegistry(database, Clock.fixed(Issuers.NOW, ZoneOffset.UTC));
        CertificateRevocations revocations = new CertificateRevocations(database);
        ledger = new RegistryLedger(new CertificateRegistry(database), revocations);
        crls = new RegistryCrls(revocations);
        devices.products().create(Optional.of("pk"), settings -> settings);
    }

    /** One that nobody has used before. */
    Owner newDevice() {
        DeviceId id = new DeviceId("pk", "d" + made++);
        devices.createDevice(id.productKey(), Optional.of(id.deviceKey()));
        return Names.owner(id);
    }

    static DeviceId id(Owner device) {
        return ((io.muster.devices.certificate.Owner.Device) Names.registered(device)).id();
    }

    void disable(Owner device) {
        var unused =
                database.write(
                        "disable a device",
                        handle ->
                                handle.execute(
                                        "UPDATE device SET status = 3 WHERE device_key = ?",
                                        id(device).deviceKey()));
    }

    void delete(Owner device) {
        devices.deleteDevice(id(device), OptionalLong.empty());
    }

    /** Nobody reserves a certificate of a device while it runs. */
    void holdDevices(Callable<?> meanwhile) {
        var unused =
                database.write(
                        "hold devices",
                        handle -> {
                            handle.execute("UPDATE device SET revision = revision");
                            try {
                                return Optional.ofNullable(meanwhile.call());
                            } catch (Exception failed) {
                                throw new IllegalStateException(failed);
                            }
                        });
    }

    @Override
    public void close() {
        database.close();
    }
}
