package io.muster.hub.api.certificates;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.ca.IssuerId;
import io.muster.ca.RevocationReason;
import io.muster.ca.authority.AuthorityStateException;
import io.muster.ca.authority.HierarchyUnusableException;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.key.KeyUnusableException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Caller;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.RequestFields;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import io.muster.hub.certificates.authority.Generation;
import io.muster.hub.certificates.authority.Generation.ListStatus;
import io.muster.hub.certificates.authority.Generations;
import io.muster.hub.certificates.authority.OwnAuthority;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The generations of the hub's own authorities, for operators. Registered before the routes of
 * certificates, among whose serial numbers its own would be. Shared; what changes something blocks.
 */
public final class AuthorityResource implements Resource {

    private static final String AUTHORITIES = Routes.ROOT + "/certificates/authorities";
    private static final String AUTHORITY = AUTHORITIES + "/{name}";

    /** Which of the two steps of a rollover are to be done. */
    private enum Step {
        PREPARE,
        ACTIVATE
    }

    private static final Set<RevocationReason> REASONS =
            EnumSet.complementOf(EnumSet.of(RevocationReason.KEY_COMPROMISE));

    private final Generations generations;
    private final Supplier<Map<String, Long>> valid;

    /**
     * Of the hub's authority.
     *
     * @param valid how many certificates of each issuer are neither revoked nor expired; blocks,
     *     and throws if the registry does not answer
     */
    public AuthorityResource(Generations generations, Supplier<Map<String, Long>> valid) {
        this.generations = generations;
        this.valid = valid;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        Routes.read(routes, AUTHORITIES, Needs.READ, this::list);
        routes.post(AUTHORITIES + "/rollover", this::rollOver, Needs.admin("authority.roll-over"));
        routes.post(
                AUTHORITY + "/retire", this::retire, Needs.admin("authority.retire").toProtect());
        routes.post(
                AUTHORITY + "/revoke", this::revoke, Needs.admin("authority.revoke").toProtect());
        routes.post(AUTHORITY + "/destroy", this::destroy, Needs.admin("authority.destroy"));
    }

    private void list(Context ctx) {
        ObjectNode page = Json.object();
        ArrayNode items = page.putArray("items");
        Optional<Map<String, Long>> counts = counts();
        generations.all().forEach(each -> items.add(view(each, counts)));
        Json.answer(ctx, 200, page);
    }

    /** None of it is needed to act, so that what is unknown keeps nobody from that. */
    private Optional<Map<String, Long>> counts() {
        try {
            return Optional.of(valid.get());
        } catch (RegistryUnavailableException unknown) {
            return Optional.empty();
        }
    }

    private static ObjectNode view(Generation generation, Optional<Map<String, Long>> counts) {
        IssuedCertificate certificate = generation.certificate();
        ObjectNode view =
                Json.object()
                        .put("name", generation.id().toString())
                        .put("authority", generation.id().authority())
                        .put("generation", generation.id().generation())
                        .put("state", generation.state().name())
                        .put("subject", certificate.toJava().getSubjectX500Principal().getName())
                        .put("serial", certificate.serial().toString())
                        .put("notBefore", certificate.validity().notBefore().toString())
                        .put("notAfter", certificate.validity().notAfter().toString())
                        .put("key", generation.key().name());
        issues(generation.kind()).forEach(view.putArray("issues")::add);
        counts.ifPresentOrElse(
                all ->
                        view.put(
                                "validCertificates",
                                all.getOrDefault(generation.id().toString(), 0L)),
                () -> view.putNull("validCertificates"));
        ArrayNode lists = view.putArray("lists");
        generation.lists().forEach(each -> lists.add(view(each)));
        return view;
    }

    private static List<String> issues(CertificateKind kind) {
        return Arrays.stream(CertificateKind.values())
                .filter(each -> each.signedBy().contains(kind) && each != CertificateKind.ROOT)
                .map(CertificateKind::name)
                .toList();
    }

    private static ObjectNode view(ListStatus list) {
        return Json.object()
                .put("partition", list.crl().partition())
                .put("address", list.address())
                .put("number", list.crl().number())
                .put("thisUpdate", list.crl().thisUpdate().toString())
                .put("nextUpdate", list.crl().nextUpdate().toString())
                .put("entries", list.crl().entries())
                .put("bytes", list.crl().length())
                .put("due", list.due())
                .put("stale", list.stale());
    }

    /** Both steps, unless one is said. */
    private void rollOver(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of("authority", "step"));
        String authority = fields.requiredText("authority");
        Set<Step> steps =
                fields.text("step")
                        .map(text -> EnumSet.of(step(text)))
                        .orElse(EnumSet.allOf(Step.class));
        if (authority.equals(OwnAuthority.ROOT) && steps.size() > 1) {
            throw ApiProblem.badRequest(
                    "of the root one 'step' at a time is taken: PREPARE, then ACTIVATE once all"
                            + " who trust it have the new bundle");
        }
        IssuerId next =
                acted(
                        () -> {
                            IssuerId id =
                                    steps.contains(Step.PREPARE)
                                            ? generations.prepare(authority)
                                            : generations.prepared(authority);
                            if (steps.contains(Step.ACTIVATE)) {
                                generations.activate(id);
                            }
                            return id;
                        });
        Acts.object(ctx, next.toString());
        Acts.detail(ctx, steps.toString());
        answer(ctx, next);
    }

    private static Step step(String text) {
        return Arrays.stream(Step.values())
                .filter(step -> step.name().equals(text))
                .findAny()
                .orElseThrow(
                        () ->
                                ApiProblem.badRequest(
                                        "the field 'step' is '%s'; allowed are %s"
                                                .formatted(text, Arrays.toString(Step.values()))));
    }

    private void answer(Context ctx, IssuerId id) {
        Json.answer(ctx, 200, view(generations.find(id), counts()));
    }

    private void retire(Context ctx) {
        RequestFields.of(ctx, List.of());
        IssuerId id = id(ctx);
        acted(
                () -> {
                    generations.retire(id);
                    return id;
                });
        answer(ctx, id);
    }

    private void destroy(Context ctx) {
        boolean force = RequestFields.of(ctx, List.of("force")).flag("force");
        IssuerId id = id(ctx);
        Generations.Destruction done = acted(() -> generations.destroy(id, force));
        Acts.detail(ctx, done.inWords());
        ObjectNode view = view(generations.find(id), counts()).put("clock", done.time().toString());
        done.lastDay()
                .ifPresentOrElse(
                        day -> view.put("lastExpiry", day.toString()),
                        () -> view.putNull("lastExpiry"));
        Json.answer(ctx, 200, view);
    }

    private void revoke(Context ctx) {
        RevocationReason reason = CertificateFields.reason(ctx, REASONS);
        IssuerId id = id(ctx);
        Generations.Revoked revoked =
                acted(() -> generations.revoke(id, reason, Caller.of(ctx).actor()));
        Acts.detail(ctx, "certificate " + revoked.certificate() + ", " + reason);
        ObjectNode view =
                Json.object()
                        .put("name", id.toString())
                        .put("serial", revoked.certificate().serial())
                        .put("status", "REVOKED")
                        .put("connectionsClosed", revoked.connectionsClosed());
        if (revoked.crlNumber().isPresent()) {
            view.put("crlNumber", revoked.crlNumber().getAsLong());
        } else {
            view.putNull("crlNumber");
        }
        Json.answer(ctx, 200, view);
    }

    /** As the path says, if there is one. */
    private IssuerId id(Context ctx) {
        String name = ctx.pathParam("name");
        return generations
                .named(name)
                .orElseThrow(
                        () -> ApiProblem.notFound("there is no authority '" + name + "' of ours"));
    }

    /** What an act gives; that it is not possible now is no fault of the hub. */
    private static <T> T acted(Supplier<T> act) {
        try {
            return act.get();
        } catch (AuthorityStateException | HierarchyUnusableException wrongState) {
            throw ApiProblem.conflict("AUTHORITY_STATE", String.valueOf(wrongState.getMessage()));
        } catch (KeyUnusableException away) {
            throw ApiProblem.conflict("KEY_AWAY", String.valueOf(away.getMessage()));
        } catch (IllegalArgumentException wrong) {
            throw ApiProblem.badRequest(String.valueOf(wrong.getMessage()));
        } catch (IllegalStateException unfinished) {
            throw ApiProblem.unavailable(String.valueOf(unfinished.getMessage()));
        }
    }
}
