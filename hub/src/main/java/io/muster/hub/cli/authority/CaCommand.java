package io.muster.hub.cli.authority;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.ca.IssuerId;
import io.muster.ca.RevocationReason;
import io.muster.ca.authority.HierarchyUnusableException;
import io.muster.ca.crl.PublishedCrl;
import io.muster.ca.key.KeyUnusableException;
import io.muster.ca.ledger.view.LedgerRestoration.Restored;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.HubStartException;
import io.muster.hub.OfflineAuthority;
import io.muster.hub.certificates.authority.AuthorityRestore;
import io.muster.hub.certificates.authority.Generations;
import io.muster.hub.certificates.authority.OwnAuthority;
import io.muster.hub.certificates.ledger.Names;
import io.muster.hub.cli.options.ApiOptions;
import io.muster.hub.cli.options.CommandFailedException;
import io.muster.hub.config.HubConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster ca}: the authority in the data folder of a hub that does not run. */
@Command(
        name = "ca",
        description = {
            "The hub's own certificate authority, while the hub does not run. It works on the data",
            "folder and the registry of the configuration, and makes what is missing there."
        },
        subcommands = IssueCommand.class)
public final class CaCommand {

    private static final String ACTOR = "muster ca";

    @Command(name = "init", description = "Makes the authority, unless there is one; shows it.")
    int init(@Mixin ApiOptions api) {
        return status(api);
    }

    @Command(name = "status", description = "Shows roots and issuers, and their lists.")
    int status(@Mixin ApiOptions api) {
        try (OfflineAuthority offline = open(api)) {
            showAuthorities(api, offline.authority());
        }
        return ExitCode.OK;
    }

    private static void showAuthorities(ApiOptions api, OwnAuthority authority) {
        ObjectMapper json = new ObjectMapper();
        ObjectNode page = json.createObjectNode();
        for (IssuerId id : authority.issuers()) {
            List<PublishedCrl> lists = authority.lists().published(id);
            page.withArray("items")
                    .addObject()
                    .put("name", id.toString())
                    .put("issues", authority.hierarchy().activeId(id.authority()).equals(id))
                    .put("revoked", authority.hierarchy().isRevoked(id))
                    .put("notAfter", authority.certificate(id).validity().notAfter().toString())
                    .put("lists", lists.size())
                    .put("number", lists.stream().mapToLong(PublishedCrl::number).max().orElse(0))
                    .put("entries", lists.stream().mapToInt(PublishedCrl::entries).sum())
                    .put(
                            "goodUntil",
                            lists.stream()
                                    .map(PublishedCrl::nextUpdate)
                                    .min(Instant::compareTo)
                                    .map(String::valueOf)
                                    .orElse(null))
                    .put("state", authority.hierarchy().stateOf(id).name());
        }
        api.output()
                .list(
                        page,
                        "name",
                        "issues",
                        "revoked",
                        "notAfter",
                        "lists",
                        "number",
                        "entries",
                        "goodUntil",
                        "state");
    }

    /** What is revoked. */
    static final class What {

        @Parameters(
                paramLabel = "CERTIFICATE",
                arity = "0..1",
                description = "Issuer and serial number: device-ec-g1/0123456789abcdef.")
        private Optional<String> certificate = Optional.empty();

        @Option(
                names = "--authority",
                paramLabel = "NAME",
                description = {
                    "Instead a root or an issuer, such as device-ec-g1, and with it all that it has",
                    "issued."
                })
        private Optional<String> authority = Optional.empty();
    }

    @Command(
            name = "revoke",
            description = {
                "Revokes a certificate, or an authority, for ever, and publishes the list with it."
            })
    int revoke(
            @Mixin ApiOptions api,
            @Mixin What what,
            @Option(
                            names = "--reason",
                            paramLabel = "REASON",
                            defaultValue = "unspecified",
                            description =
                                    "unspecified, key-compromise (ca-compromise of an authority),"
                                            + " affiliation-changed, superseded,"
                                            + " cessation-of-operation, privilege-withdrawn.")
                    String reason) {
        if (what.certificate.isPresent() == what.authority.isPresent()) {
            throw api.wrongUsage("say CERTIFICATE, or --authority NAME");
        }
        RevocationReason why = reason(reason);
        return what.authority.isPresent()
                ? revokeAuthority(api, issuer(what.authority.get()), why)
                : revokeCertificate(api, id(what.certificate.orElseThrow()), why);
    }

    private static int revokeCertificate(ApiOptions api, CertificateId id, RevocationReason why) {
        try (OfflineAuthority offline = open(api)) {
            OwnAuthority authority = offline.authority();
            if (authority.authority().revoke(Names.issued(id), why, ACTOR).isEmpty()) {
                throw new CommandFailedException("there is no certificate " + id);
            }
            show(api, "certificate", id.toString(), authority.lists().publish(List.of(id)).get(id));
        } catch (IllegalArgumentException wrong) {
            throw new CommandFailedException(
                    wrong.getMessage() + "; of an authority say --authority NAME");
        }
        return ExitCode.OK;
    }

    private static int revokeAuthority(ApiOptions api, IssuerId id, RevocationReason why) {
        try (OfflineAuthority offline = open(api)) {
            Generations.Revoked revoked = offline.authority().generations().revoke(id, why, ACTOR);
            OptionalLong number = revoked.crlNumber();
            show(
                    api,
                    "authority",
                    id.toString(),
                    number.isPresent() ? Long.valueOf(number.getAsLong()) : null);
        } catch (IllegalArgumentException | IllegalStateException wrong) {
            throw new CommandFailedException(String.valueOf(wrong.getMessage()));
        }
        return ExitCode.OK;
    }

    /** Without a number it is on no list yet: the log says why, and the hub tries it again. */
    private static void show(ApiOptions api, String kind, String name, @Nullable Long crlNumber) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put(kind, name);
        answer.put("status", "revoked");
        answer.put("crlNumber", crlNumber);
        api.output().show(answer);
    }

    @Command(
            name = "retire",
            description = {
                "Takes nothing any more that a generation has issued, for ever; its lists go on."
            })
    int retire(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "NAME", description = "Such as device-ec-g1.") String name) {
        try (OfflineAuthority offline = open(api)) {
            offline.authority().generations().retire(issuer(name));
            showAuthorities(api, offline.authority());
        } catch (IllegalArgumentException | IllegalStateException wrong) {
            throw new CommandFailedException(String.valueOf(wrong.getMessage()));
        }
        return ExitCode.OK;
    }

    @Command(
            name = "destroy",
            description = {
                "Deletes the key of a generation that is retired or revoked, for ever: there are no",
                "more revocation lists of it."
            })
    int destroy(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "NAME", description = "Such as device-ec-g1.") String name,
            @Option(names = "--force", description = "Also if what it has issued has not expired.")
                    boolean force) {
        try (OfflineAuthority offline = open(api)) {
            api.output()
                    .say(offline.authority().generations().destroy(issuer(name), force).inWords());
            showAuthorities(api, offline.authority());
        } catch (IllegalArgumentException | IllegalStateException | KeyUnusableException wrong) {
            throw new CommandFailedException(String.valueOf(wrong.getMessage()));
        }
        return ExitCode.OK;
    }

    private static IssuerId issuer(String name) {
        try {
            return IssuerId.parse(name);
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException(String.valueOf(e.getMessage()));
        }
    }

    /** The number may be written as OpenSSL does, without zeros before it. */
    private static CertificateId id(String text) {
        try {
            int serial = text.indexOf('/') + 1;
            return CertificateId.parse(
                    text.substring(0, serial) + CertificateId.serialOf(text.substring(serial)));
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException(String.valueOf(e.getMessage()));
        }
    }

    private static RevocationReason reason(String text) {
        try {
            return RevocationReason.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException(
                    "reason '" + text + "' is none; see 'muster ca revoke --help'");
        }
    }

    @Command(
            name = "crl",
            description = "Issues lists again that are due, and writes all of them to a folder.")
    int crl(
            @Mixin ApiOptions api,
            @Option(
                            names = "--out",
                            paramLabel = "DIR",
                            description = "Where they go, in DER; as their addresses end.")
                    Optional<Path> out) {
        try (OfflineAuthority offline = open(api)) {
            OwnAuthority authority = offline.authority();
            int failed = authority.lists().reissueDue();
            if (failed > 0) {
                throw new CommandFailedException(
                        failed + " revocation lists cannot be issued; the log says why");
            }
            for (IssuerId id : authority.issuers()) {
                for (PublishedCrl list : authority.lists().published(id)) {
                    String address =
                            authority.hierarchy().addresses(id).lists().address(list.partition());
                    out.ifPresent(
                            folder ->
                                    write(
                                            folder.resolve(
                                                    address.substring(
                                                            address.indexOf("/crl/") + 5)),
                                            list.encoded()));
                }
            }
            showAuthorities(api, authority);
        }
        return ExitCode.OK;
    }

    @Command(name = "bundle", description = "Prints what others are to trust, in PEM.")
    int bundle(
            @Mixin ApiOptions api,
            @Option(names = "--out", paramLabel = "FILE", description = "Where it goes.")
                    Optional<Path> out) {
        try (OfflineAuthority offline = open(api)) {
            write(api, out, offline.authority().hierarchy().bundle());
        }
        return ExitCode.OK;
    }

    @Command(
            name = "rollover",
            description = {
                "Makes another key for an authority (--prepare), which issues once all have the new",
                "bundle and it is activated (--activate)."
            })
    int rollover(
            @Mixin ApiOptions api,
            @Parameters(
                            paramLabel = "AUTHORITY",
                            description = "root, device-ec, device-rsa or server.")
                    String name,
            @Option(names = "--prepare", description = "Makes the next generation.")
                    boolean prepare,
            @Option(names = "--activate", description = "Lets the newest generation issue.")
                    boolean activate) {
        if (prepare == activate) {
            throw api.wrongUsage("one of --prepare and --activate is needed");
        }
        try (OfflineAuthority offline = open(api)) {
            Generations generations = offline.authority().generations();
            if (prepare) {
                generations.prepare(name);
            } else {
                generations.activate(generations.prepared(name));
            }
            showAuthorities(api, offline.authority());
        } catch (IllegalArgumentException
                | IllegalStateException
                | KeyUnusableException
                | HierarchyUnusableException failed) {
            throw new CommandFailedException(String.valueOf(failed.getMessage()));
        }
        return ExitCode.OK;
    }

    @Command(
            name = "restore",
            description = {
                "After a backup of the registry was put back: takes over what published lists tell,",
                "so that what was revoked stays so."
            })
    int restore(
            @Mixin ApiOptions api,
            @Option(
                            names = "--new-audit",
                            description = "Puts a broken audit chain aside and begins another.")
                    boolean newAudit,
            @Option(
                            names = "--new-lists",
                            description = {
                                "Where published lists are lost, makes them from the registry",
                                "alone, which must be the newest one that ever was."
                            })
                    boolean newLists) {
        Map<String, Restored> done =
                restored(config(api), new AuthorityRestore.Anew(newAudit, newLists));
        ObjectNode page = new ObjectMapper().createObjectNode();
        done.forEach(
                (name, restored) ->
                        page.withArray("items")
                                .addObject()
                                .put("name", name)
                                .put("listsAhead", restored.raised())
                                .put("revocations", restored.adopted().size()));
        api.output().list(page, "name", "listsAhead", "revocations");
        return ExitCode.OK;
    }

    private static Map<String, Restored> restored(HubConfig config, AuthorityRestore.Anew anew) {
        try {
            return OfflineAuthority.restore(config, anew);
        } catch (HubStartException failed) {
            throw inOwnWords(failed);
        }
    }

    static OfflineAuthority open(ApiOptions api) {
        try {
            return OfflineAuthority.open(config(api));
        } catch (HubStartException failed) {
            throw inOwnWords(failed);
        }
    }

    /** No hub was to start here. */
    private static CommandFailedException inOwnWords(HubStartException failed) {
        Throwable cause = failed.getCause() == null ? failed : failed.getCause();
        return new CommandFailedException(
                String.valueOf(cause.getMessage()).replaceAll("\\s*[\r\n]+\\s*", " "));
    }

    static HubConfig config(ApiOptions api) {
        HubConfig config = api.configuration().hub();
        if (!config.certificates().authority().enabled()) {
            throw new CommandFailedException(
                    "this hub has no authority of its own: certificates.authority.enabled = false");
        }
        return config;
    }

    static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new CommandFailedException(file + " cannot be read: " + e);
        }
    }

    /** Fails as writing would; a file that is there stays as it is, and so does a link to none. */
    static void requireWritable(Path file) {
        boolean isNew = !Files.exists(file);
        try {
            createFolder(file);
            Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE).close();
            if (isNew) {
                Files.delete(file.toRealPath());
            }
        } catch (IOException e) {
            throw notWritten(file, e);
        }
    }

    private static void createFolder(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
    }

    private static CommandFailedException notWritten(Path file, IOException e) {
        return new CommandFailedException(file + " cannot be written: " + e);
    }

    static void write(ApiOptions api, Optional<Path> file, String text) {
        if (file.isPresent()) {
            write(file.get(), text.getBytes(StandardCharsets.US_ASCII));
        } else {
            api.output().out().print(text);
            api.output().out().flush();
        }
    }

    static void write(Path file, byte[] bytes) {
        try {
            createFolder(file);
            Files.write(file, bytes);
        } catch (IOException e) {
            throw notWritten(file, e);
        }
    }
}
