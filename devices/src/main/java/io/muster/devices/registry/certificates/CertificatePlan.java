package io.muster.devices.registry.certificates;

import io.muster.devices.DeviceId;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.Owner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the database goes through certificates; confined to a thread.
 *
 * <p>One index leads: that of owners if a product is asked for, else that of statuses, else that of
 * names. Its order is that of the page, and it is read from the position on. What it cannot decide
 * is looked at for each certificate, and told in the column {@code matches}. An index is given one
 * lower bound only, as SQLite would go by either of two.
 */
final class CertificatePlan {

    private final CertificateSearch search;
    private final Map<String, Object> arguments = new LinkedHashMap<>();
    private final List<String> leading = new ArrayList<>();
    private final List<String> others = new ArrayList<>();
    private final String order;

    private CertificatePlan(CertificateSearch search, Optional<Certificate> position) {
        this.search = search;
        if (search.productKey().isPresent()) {
            order = byDevice(search.productKey().get(), position);
        } else if (search.status().isPresent()) {
            status(leading);
            order = byExpiry("status, ", position);
        } else {
            order = "issuer, serial";
            leading.add("(issuer, serial) > (:issuer, :serial)");
            arguments.put("issuer", position.map(each -> each.id().issuer()).orElse(""));
            arguments.put("serial", position.map(each -> each.id().serial()).orElse(""));
        }
    }

    /** Looks for certificates behind the position, or for the first ones. */
    static CertificatePlan of(CertificateSearch search, Optional<Certificate> position) {
        return new CertificatePlan(search, position);
    }

    private String byDevice(String productKey, Optional<Certificate> position) {
        if (search.deviceKey().isPresent()) {
            DeviceId device = new DeviceId(productKey, search.deviceKey().get());
            arguments.put("owner", new Owner.Device(device).toString());
            leading.add("owner = :owner");
            status(others);
            return byExpiry("owner, ", position);
        }
        String first = Owner.DEVICE + productKey + "/";
        arguments.put("owner", position.map(each -> each.owner().toString()).orElse(first));
        position.ifPresentOrElse(
                each -> behind(each, "(owner, %s) > (:owner, %s)"),
                () -> leading.add("owner > :owner"));
        // Behind all devices of the product: what comes after the slash of each.
        arguments.put("ownerEnd", Owner.DEVICE + productKey + "0");
        leading.add("owner < :ownerEnd");
        status(others);
        search.expiresFrom().ifPresent(from -> bound(others, "not_after >= :from", "from", from));
        before(others);
        return "owner, not_after, issuer, serial";
    }

    private String byExpiry(String first, Optional<Certificate> position) {
        Optional<Instant> from = search.expiresFrom();
        if (position.isPresent() && !end(position.get()).isBefore(from.orElse(Instant.MIN))) {
            behind(position.get(), "(%s) > (%s)");
        } else {
            from.ifPresent(time -> bound(leading, "not_after >= :from", "from", time));
        }
        before(leading);
        return first + "not_after, issuer, serial";
    }

    private void behind(Certificate position, String condition) {
        arguments.put("notAfter", end(position).toEpochMilli());
        arguments.put("issuer", position.id().issuer());
        arguments.put("serial", position.id().serial());
        leading.add(
                condition.formatted("not_after, issuer, serial", ":notAfter, :issuer, :serial"));
    }

    private static Instant end(Certificate certificate) {
        return certificate.reservation().validity().notAfter();
    }

    private void before(List<String> conditions) {
        search.expiresBefore()
                .ifPresent(before -> bound(conditions, "not_after < :before", "before", before));
    }

    private void bound(List<String> conditions, String condition, String name, Instant time) {
        arguments.put(name, time.toEpochMilli());
        conditions.add(condition);
    }

    private void status(List<String> conditions) {
        search.status()
                .ifPresent(
                        status -> {
                            arguments.put("status", CertificateRows.code(status));
                            conditions.add("status = :status");
                        });
    }

    /** Has the argument {@code limit} besides. */
    String sql() {
        return """
        SELECT %s, %s AS matches FROM certificate WHERE %s
        ORDER BY %s LIMIT :limit
        """
                .formatted(
                        CertificateRows.COLUMNS,
                        isExact()
                                ? "1"
                                : "CASE WHEN "
                                        + String.join(" AND ", others)
                                        + " THEN 1 ELSE 0 END",
                        String.join(" AND ", leading),
                        order);
    }

    Map<String, Object> arguments() {
        return arguments;
    }

    /** Whether all rows match. */
    boolean isExact() {
        return others.isEmpty();
    }
}
