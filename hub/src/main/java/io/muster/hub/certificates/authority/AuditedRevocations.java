package io.muster.hub.certificates.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.SerialNumber;
import io.muster.ca.authority.AuthorityAudit;
import io.muster.ca.file.DurableFile;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.CrlLedger;
import io.muster.ca.ledger.CrlLedger.Listed;
import io.muster.ca.ledger.CrlLedger.Position;
import io.muster.ca.ledger.LedgerEntry;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that each revocation is in the audit chain: one is durable before it is written there,
 * so a process that ends in between leaves it out. Confined to a thread at a time; it blocks.
 *
 * <p>A file says up to where, in the order of revocations, all are in the chain. It is moved on
 * from time to time, to where the ledger was when that was looked at the time before: who revoked
 * something until then has written it down by now. What follows at a start is looked for in the
 * newest files of the chain, and written there if it is missing.
 */
final class AuditedRevocations {

    private static final Logger log = LoggerFactory.getLogger(AuditedRevocations.class);

    private static final String FILE = "revocations.properties";

    /** More of the chain than comes between two looks. */
    private static final int NEWEST_FILES = 3;

    private static final Pattern RECORD =
            Pattern.compile(
                    "\"kind\":\"revocation\".*\"issuer\":\"([^\"]+)\".*\"serial\":\"([^\"]+)\"");

    private final Path folder;
    private final AuthorityRecords records;
    private final AuthorityAudit audit;

    /** Where the ledger was when that was looked at last. */
    private Map<IssuerId, Position> seen = new HashMap<>();

    AuditedRevocations(Path folder, AuthorityRecords records, AuthorityAudit audit) {
        this.folder = folder;
        this.records = records;
        this.audit = audit;
    }

    /**
     * At a start: writes what is missing.
     *
     * @return how many revocations were
     */
    int complete(Collection<IssuerId> issuers) throws IOException {
        Map<IssuerId, Position> from = read();
        Set<CertificateId> missing = new HashSet<>();
        for (IssuerId issuer : issuers) {
            Optional<Position> begin = Optional.ofNullable(from.get(issuer));
            // Of one that is new, or was made before this was kept, nothing is known to compare.
            begin.ifPresent(position -> missing.addAll(after(issuer, position)));
            seen.put(issuer, last(issuer, begin.orElse(Position.BEGIN)));
        }
        if (!missing.isEmpty()) {
            missing.removeAll(audited());
            missing.forEach(this::write);
        }
        write(seen);
        return missing.size();
    }

    private void write(CertificateId id) {
        log.warn("a revocation was not in the audit chain, it is written now certificate={}", id);
        records.certificates()
                .find(id)
                .map(LedgerEntry::revocation)
                .ifPresent(revocation -> audit.revoked(List.of(id), revocation));
    }

    /** From time to time: moves on. */
    void look(Collection<IssuerId> issuers) throws IOException {
        Map<IssuerId, Position> now = new HashMap<>();
        issuers.forEach(
                issuer -> now.put(issuer, last(issuer, seen.getOrDefault(issuer, Position.BEGIN))));
        write(seen);
        seen = now;
    }

    private Set<CertificateId> after(IssuerId issuer, Position position) {
        Set<CertificateId> all = new HashSet<>();
        pages(issuer, position)
                .forEach(each -> all.add(new CertificateId(issuer, each.certificate().serial())));
        return all;
    }

    private Position last(IssuerId issuer, Position position) {
        return pages(issuer, position)
                .map(Listed::position)
                .reduce((one, next) -> next)
                .orElse(position);
    }

    private Stream<Listed> pages(IssuerId issuer, Position begin) {
        CrlLedger crls = records.crls();
        int limit = CertificateLedger.PAGE_MAX;
        return Stream.iterate(
                        crls.revoked(issuer, begin, limit),
                        page -> !page.isEmpty(),
                        page ->
                                page.size() < limit
                                        ? List.of()
                                        : crls.revoked(
                                                issuer,
                                                page.get(page.size() - 1).position(),
                                                limit))
                .flatMap(List::stream);
    }

    /** What the newest files of the chain say. */
    private Set<CertificateId> audited() throws IOException {
        Set<CertificateId> all = new HashSet<>();
        for (Path file : newest()) {
            try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
                lines.map(RECORD::matcher)
                        .filter(Matcher::find)
                        .forEach(
                                found ->
                                        all.add(
                                                new CertificateId(
                                                        IssuerId.parse(found.group(1)),
                                                        SerialNumber.parse(found.group(2)))));
            }
        }
        return all;
    }

    private List<Path> newest() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> sorted =
                    files.filter(file -> file.getFileName().toString().endsWith(".jsonl"))
                            .sorted()
                            .toList();
            return sorted.subList(Math.max(0, sorted.size() - NEWEST_FILES), sorted.size());
        }
    }

    private Path file() {
        return folder.resolve(FILE);
    }

    private Map<IssuerId, Position> read() throws IOException {
        Map<IssuerId, Position> all = new HashMap<>();
        if (Files.notExists(file())) {
            return all;
        }
        Properties lines = new Properties();
        lines.load(new StringReader(Files.readString(file())));
        try {
            for (String issuer : lines.stringPropertyNames()) {
                String[] parts = lines.getProperty(issuer).strip().split("/", 2);
                all.put(IssuerId.parse(issuer), new Position(Long.parseLong(parts[0]), parts[1]));
            }
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException damaged) {
            log.warn("file does not say which revocations are audited file={}", file(), damaged);
            return Map.of();
        }
        return all;
    }

    private void write(Map<IssuerId, Position> positions) throws IOException {
        StringBuilder lines =
                new StringBuilder("# Up to where all revocations are in the audit chain.\n");
        Map<String, Position> sorted = new TreeMap<>();
        positions.forEach((issuer, position) -> sorted.put(issuer.toString(), position));
        sorted.forEach(
                (issuer, position) ->
                        lines.append(issuer)
                                .append('=')
                                .append(position.number())
                                .append('/')
                                .append(position.serial())
                                .append('\n'));
        byte[] text = lines.toString().getBytes(StandardCharsets.US_ASCII);
        if (Files.notExists(file()) || !Arrays.equals(Files.readAllBytes(file()), text)) {
            DurableFile.replace(file(), text);
        }
    }
}
