package io.muster.hub.api.devices;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.devices.Product;
import io.muster.devices.ProductInUseException;
import io.muster.devices.Secret;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.revision.Revisions;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Changed;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Conditions;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.Page;
import io.muster.hub.api.http.Problems;
import io.muster.hub.api.http.RequestFields;
import io.muster.hub.api.http.Routes;
import io.muster.hub.products.ProductJson;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/** The products of the registry. Shared. */
final class ProductResource {

    private static final String PRODUCTS = Routes.ROOT + "/products";
    private static final String PRODUCT = PRODUCTS + "/{productKey}";

    private static final List<String> NEW_PRODUCT_FIELDS =
            Stream.concat(Stream.of("productKey", "productSecret"), ProductJson.FIELDS.stream())
                    .toList();

    private final DeviceRegistry registry;

    private final DeviceResource devices;

    ProductResource(DeviceRegistry registry, DeviceResource devices) {
        this.registry = registry;
        this.devices = devices;
    }

    /** Registers the routes. */
    void addTo(RoutesConfig routes) {
        routes.post(PRODUCTS, this::create, Needs.admin("product.create"));
        routes.patch(PRODUCT, this::update, Needs.admin("product.change"));
        routes.delete(PRODUCT, this::delete, Needs.admin("product.delete"));
        Routes.read(routes, PRODUCTS, Needs.READ, this::list);
        Routes.read(routes, PRODUCT, Needs.READ, this::show);
    }

    private void create(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, NEW_PRODUCT_FIELDS);
        JsonNode body = RequestFields.free(ctx);
        Optional<Secret> secret = fields.secret("productSecret");
        Product product =
                Problems.unlessInvalid(
                        () ->
                                registry.products()
                                        .create(
                                                fields.text("productKey"),
                                                secret,
                                                settings -> ProductJson.changed(settings, body)));
        Acts.object(ctx, product.productKey());
        secret.ifPresent(chosen -> Acts.detail(ctx, "with a chosen secret"));
        ctx.header("Location", PRODUCTS + "/" + product.productKey());
        Conditions.tell(ctx, product.revision());
        Json.answer(
                ctx,
                201,
                ProductJson.view(product).put("productSecret", product.secret().reveal()));
    }

    private void update(Context ctx) {
        var unused = RequestFields.of(ctx, ProductJson.FIELDS);
        JsonNode body = RequestFields.free(ctx);
        OptionalLong revision = Conditions.revision(ctx);
        Product before = find(ctx);
        Product product =
                Problems.unlessInvalid(
                        () ->
                                registry.products()
                                        .update(
                                                ctx.pathParam("productKey"),
                                                revision,
                                                settings -> ProductJson.changed(settings, body)));
        Changed.tell(ctx, ProductJson.view(before), ProductJson.view(product));
        answer(ctx, product);
    }

    private void delete(Context ctx) {
        String productKey = ctx.pathParam("productKey");
        OptionalLong revision = Conditions.revision(ctx);
        if (isWithDevices(ctx)) {
            // Only before its devices are gone: then nobody can go back any more.
            Product product = find(ctx);
            Revisions.require("product '" + productKey + "'", revision, product.revision());
            Acts.detail(ctx, "with its devices");
            devices.deleteAll(
                    productKey,
                    count -> Acts.detail(ctx, "with its devices (%d)".formatted(count)));
            revision = OptionalLong.empty();
        }
        try {
            registry.products().delete(productKey, revision);
        } catch (ProductInUseException inUse) {
            throw new ApiProblem(
                    409,
                    inUse.getMessage() + "; delete them first, or together with ?devices=delete");
        }
        ctx.status(204);
    }

    /** What deletes more than it seems is only done if every parameter is understood. */
    private static boolean isWithDevices(Context ctx) {
        ctx.queryParamMap()
                .forEach(
                        (name, values) -> {
                            if (!name.equals("devices") || !values.equals(List.of("delete"))) {
                                throw ApiProblem.badRequest(
                                        "the only query parameter here is devices=delete, not '"
                                                + name
                                                + "="
                                                + String.join(",", values)
                                                + "'");
                            }
                        });
        return ctx.queryParam("devices") != null;
    }

    private void list(Context ctx) {
        Page page = Page.of(ctx, Set.of("tag"), Set.of());
        List<Product> products =
                registry.products().list(tags(ctx), page.after(), page.readLimit());
        Json.answer(ctx, 200, page.answer(products, Product::productKey, ProductJson::view));
    }

    /** The tag that the products must have, if one is named. */
    private static Map<String, String> tags(Context ctx) {
        String tag = ctx.queryParam("tag");
        if (tag == null) {
            return Map.of();
        }
        int equals = tag.indexOf('=');
        if (equals < 1) {
            throw ApiProblem.badRequest(
                    "the query parameter 'tag' is '" + tag + "', but must be name=value");
        }
        return Map.of(tag.substring(0, equals), tag.substring(equals + 1));
    }

    private void show(Context ctx) {
        answer(ctx, find(ctx));
    }

    private static void answer(Context ctx, Product product) {
        Conditions.tell(ctx, product.revision());
        Json.answer(ctx, 200, ProductJson.view(product));
    }

    private Product find(Context ctx) {
        return find(registry, ctx);
    }

    /**
     * The product that the path names.
     *
     * @throws ApiProblem (404) if there is none
     */
    static Product find(DeviceRegistry registry, Context ctx) {
        String productKey = ctx.pathParam("productKey");
        return registry.products()
                .find(productKey)
                .orElseThrow(() -> ApiProblem.notFound("there is no product '" + productKey + "'"));
    }
}
