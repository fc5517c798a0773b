package io.muster.hub.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.devices.Product;
import io.muster.devices.ProductInUseException;
import io.muster.devices.product.ProductSettings;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.devices.EntityTag;
import java.util.List;
import java.util.Optional;

/** The products of the registry. Shared. */
final class ProductResource {

    private static final String PRODUCTS = ManagementApi.ROOT + "/products";
    private static final String PRODUCT = PRODUCTS + "/{productKey}";

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
        ManagementApi.read(routes, PRODUCTS, Needs.READ, this::list);
        ManagementApi.read(routes, PRODUCT, Needs.READ, this::show);
    }

    private void create(Context ctx) {
        RequestFields fields =
                RequestFields.of(ctx, List.of("productKey", "name", "dynamicActivation"));
        Product product =
                Problems.unlessInvalid(
                        () ->
                                registry.products()
                                        .create(
                                                fields.text("productKey"),
                                                settings -> changed(settings, fields)));
        Acts.object(ctx, product.productKey());
        ctx.header("Location", PRODUCTS + "/" + product.productKey());
        Json.answer(ctx, 201, view(product).put("productSecret", product.secret().reveal()));
    }

    private void update(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of("name", "dynamicActivation"));
        Optional<Long> revision = DeviceResource.demandedRevision(ctx).stream().boxed().findFirst();
        Product product =
                Problems.unlessInvalid(
                        () ->
                                registry.products()
                                        .update(
                                                ctx.pathParam("productKey"),
                                                revision,
                                                settings -> changed(settings, fields)));
        answer(ctx, product);
    }

    /** Settings with what the fields say; what they do not say stays. */
    private static ProductSettings changed(ProductSettings settings, RequestFields fields) {
        return settings.withName(fields.text("name").orElse(settings.name()))
                .withDynamicActivation(
                        fields.optionalFlag("dynamicActivation")
                                .orElse(settings.enrollment().dynamicActivation()));
    }

    private void delete(Context ctx) {
        String productKey = ctx.pathParam("productKey");
        if (isWithDevices(ctx)) {
            Acts.detail(ctx, "with its devices");
            devices.deleteAll(productKey);
        }
        try {
            registry.products().delete(productKey);
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
        Page page = Page.of(ctx);
        List<Product> products = registry.products().list(page.after(), page.readLimit());
        Json.answer(ctx, 200, page.answer(products, Product::productKey, ProductResource::view));
    }

    private void show(Context ctx) {
        answer(ctx, find(ctx));
    }

    private static void answer(Context ctx, Product product) {
        ctx.header("ETag", EntityTag.of(product.revision()));
        Json.answer(ctx, 200, view(product));
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

    private static ObjectNode view(Product product) {
        return Json.object()
                .put("productKey", product.productKey())
                .put("name", product.settings().name())
                .put("revision", product.revision())
                .put("dynamicActivation", product.dynamicActivation())
                .put("createdAt", product.createdAt().toString());
    }
}
