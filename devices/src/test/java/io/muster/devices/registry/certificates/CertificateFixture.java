package io.muster.devices.registry.certificates;

import io.muster.devices.DeviceId;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.IssuanceRequest;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.certificate.RevokedCertificate;
import io.muster.devices.certificate.RevokedCertificate.Position;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.certificate.Validity;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.TestDatabase;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A registry with two products and some devices. */
final class CertificateFixture implements AutoCloseable {

    static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    static final Duration YEAR = Duration.ofDays(365);
    static final String ISSUER = "devices-g1";
    static final DeviceId DEVICE = new DeviceId("pk1", "dev1");
    static final DeviceId OTHER = new DeviceId("pk1", "dev2");
    static final DeviceId ELSEWHERE = new DeviceId("pk2", "dev1");
    static final Owner SERVER = new Owner.Server("hub");
    static final Owner ROOT = new Owner.Authority("root-g1");
    static final int MANY = 1000;

    final RegistryDatabase database;
    final DeviceRegistry devices;
    final CertificateRegistry certificates;
    final CertificateRevocations revocations;
    final CertificateList list;

    CertificateFixture(TestDatabase kind, Path folder) throws IOException {
        this(kind.open(folder));
    }

    CertificateFixture(RegistryDatabase database) {
        this.database = database;
        devices = new DeviceRegistry(database, Clock.fixed(NOW, ZoneOffset.UTC));
        certificates = new CertificateRegistry(database);
        revocations = new CertificateRevocations(database);
        list = new CertificateList(database);
        begin();
    }

    /** As if nobody had used it yet, which is quicker than another database. */
    void begin() {
        database.write(
                "begin anew",
                handle -> {
                    handle.execute("DELETE FROM certificate");
                    handle.execute("DELETE FROM certificate_count");
                    handle.execute("DELETE FROM compromised_key");
                    handle.execute("DELETE FROM adopted_revocation");
                    handle.execute("DELETE FROM crl_number");
                    handle.execute("DELETE FROM device");
                    return handle.execute("DELETE FROM product");
                });
        for (String product : List.of("pk1", "pk2")) {
            devices.products().create(Optional.of(product), settings -> settings);
        }
        List.of(DEVICE, OTHER, ELSEWHERE).forEach(this::create);
    }

    void create(DeviceId id) {
        devices.createDevice(id.productKey(), Optional.of(id.deviceKey()));
    }

    static CertificateId id(long serial) {
        return new CertificateId(ISSUER, "%016x".formatted(serial));
    }

    static Sha256 hash(String text) {
        return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A certificate stands for itself by its name. */
    static byte[] der(CertificateId id) {
        return ("certificate " + id).getBytes(StandardCharsets.UTF_8);
    }

    static Sha256 fingerprint(CertificateId id) {
        return Sha256.of(der(id));
    }

    /** For a year from now on, with a key of its own. */
    static Reservation reservation(long serial, DeviceId device) {
        return new Reservation(
                id(serial),
                CertificateKind.DEVICE,
                new Owner.Device(device),
                hash("key " + serial),
                new Validity(NOW.minusSeconds(300), NOW.plus(YEAR)),
                new IssuanceRequest("anna", NOW, Optional.empty()),
                Optional.empty());
    }

    /** The same with another key. */
    static Reservation withKey(Reservation of, Sha256 key) {
        return new Reservation(
                of.id(), of.kind(), of.owner(), key, of.validity(), of.request(), of.renews());
    }

    /** The same until another time. */
    static Reservation until(Reservation of, Instant notAfter) {
        return new Reservation(
                of.id(),
                of.kind(),
                of.owner(),
                of.publicKey(),
                new Validity(notAfter.minus(YEAR), notAfter),
                of.request(),
                of.renews());
    }

    /** The same by another issuer. */
    static Reservation ofIssuer(Reservation of, String issuer) {
        return new Reservation(
                new CertificateId(issuer, of.id().serial()),
                of.kind(),
                of.owner(),
                of.publicKey(),
                of.validity(),
                of.request(),
                of.renews());
    }

    /** The same by another request. */
    static Reservation by(Reservation of, IssuanceRequest request) {
        return new Reservation(
                of.id(),
                of.kind(),
                of.owner(),
                of.publicKey(),
                of.validity(),
                request,
                of.renews());
    }

    /** The same by means of another. */
    static Reservation provedBy(Reservation of, CertificateId proof) {
        return new Reservation(
                of.id(),
                of.kind(),
                of.owner(),
                of.publicKey(),
                of.validity(),
                of.request(),
                Optional.of(proof));
    }

    /** The same in the place of another. */
    static Reservation replacing(Reservation of, CertificateId before) {
        return by(of, of.request().replacing(before));
    }

    /** The same by means of another, and in its place. */
    static Reservation renewing(Reservation of, CertificateId before) {
        return replacing(provedBy(of, before), before);
    }

    /** The same of another kind, and so of another owner. */
    static Reservation ofKind(Reservation of, CertificateKind kind, Owner owner) {
        return new Reservation(
                of.id(), kind, owner, of.publicKey(), of.validity(), of.request(), of.renews());
    }

    static Revocation revocation(int reason) {
        return new Revocation(NOW.plusSeconds(reason), reason, "olaf " + reason);
    }

    /** Reserves and records. */
    CertificateId issue(Reservation reservation) {
        if (certificates.reserve(reservation, MANY).isPresent()
                || !certificates.record(
                        reservation.id(), der(reservation.id()), NOW.plusSeconds(1))) {
            throw new IllegalStateException("not issued");
        }
        return reservation.id();
    }

    CertificateId issue(long serial, DeviceId device) {
        return issue(reservation(serial, device));
    }

    /**
     * Many certificates of a device at once, which end a day from now.
     *
     * @param status 1, or 2 of a compromise
     */
    void fill(int count, String issuer, Sha256 key, String status) {
        int added =
                database.write(
                        "fill the table",
                        handle ->
                                handle.createUpdate(
                                                """
                                                INSERT INTO certificate (issuer, serial, kind,
                                                  status, owner, public_key, not_before, not_after,
                                                  requested_by, requested_at, revocation,
                                                  revoked_at, revocation_reason, revoked_by)
                                                WITH RECURSIVE numbers (i) AS (
                                                  SELECT 1 UNION ALL
                                                  SELECT i + 1 FROM numbers WHERE i < :count)
                                                SELECT :issuer,
                                                  CAST(1000000000000000 + i AS VARCHAR(40)), 0,
                                                  <status>, :owner, :key, :at, :end, 'anna', :at,
                                                  <revocation> FROM numbers
                                                """)
                                        .define("status", status)
                                        .define(
                                                "revocation",
                                                status.equals("2")
                                                        ? "1, :at, 1, 'olaf'"
                                                        : "NULL, NULL, NULL, NULL")
                                        .bind("count", count)
                                        .bind("issuer", issuer)
                                        .bind("owner", owner(DEVICE).toString())
                                        .bind("key", key.bytes())
                                        .bind("at", NOW.toEpochMilli())
                                        .bind("end", NOW.plus(Duration.ofDays(1)).toEpochMilli())
                                        .execute());
        if (added != count) {
            throw new IllegalStateException(added + " of " + count);
        }
    }

    static Owner owner(DeviceId device) {
        return new Owner.Device(device);
    }

    Certificate found(CertificateId id) {
        return certificates.find(id).orElseThrow();
    }

    void disable(DeviceId id) {
        var unused =
                database.write(
                        "disable a device",
                        handle ->
                                handle.createUpdate(
                                                "UPDATE device SET status = 3"
                                                        + " WHERE product_key = :productKey"
                                                        + " AND device_key = :deviceKey")
                                        .bind("productKey", id.productKey())
                                        .bind("deviceKey", id.deviceKey())
                                        .execute());
    }

    void delete(DeviceId id) {
        devices.deleteDevice(id, OptionalLong.empty());
    }

    /** Page by page. */
    List<CertificateId> all(CertificateSearch search, int limit) {
        List<CertificateId> all = new ArrayList<>();
        Optional<CertificateId> after = Optional.empty();
        do {
            CertificatePage page = list.page(search, after, limit);
            page.certificates().forEach(each -> all.add(each.id()));
            after = page.next();
        } while (after.isPresent());
        return all;
    }

    /** Page by page. */
    List<RevokedCertificate> revoked(String issuer, Position from, int limit) {
        List<RevokedCertificate> all = new ArrayList<>();
        List<RevokedCertificate> page;
        Position after = from;
        do {
            page = revocations.list(issuer, after, limit);
            all.addAll(page);
            after = page.isEmpty() ? after : page.get(page.size() - 1).position();
        } while (page.size() == limit);
        return all;
    }

    /** How often each serial number is there. */
    static List<String> serials(List<RevokedCertificate> revoked) {
        return revoked.stream().map(RevokedCertificate::serial).toList();
    }

    static Map<Reservation, Sha256> external(long serial, DeviceId device) {
        return Map.of(
                externalReservation(serial, device),
                fingerprint(externalReservation(serial, device).id()));
    }

    static Reservation externalReservation(long serial, DeviceId device) {
        Reservation own = reservation(serial, device);
        return new Reservation(
                CertificateId.external(hash("CN=Other"), BigInteger.valueOf(serial)),
                CertificateKind.EXTERNAL,
                own.owner(),
                own.publicKey(),
                own.validity(),
                own.request(),
                Optional.empty());
    }

    @Override
    public void close() {
        database.close();
    }
}
