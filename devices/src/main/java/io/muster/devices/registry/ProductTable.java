package io.muster.devices.registry;

import io.muster.devices.Product;
import io.muster.devices.ProductInUseException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.product.ProductType;
import io.muster.devices.registry.revision.Revisions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * The rows of products; shared. Every method blocks and throws {@link RegistryUnavailableException}
 * when the database cannot be asked.
 */
final class ProductTable {

    private static final int NAMED_MAX = 5;

    private final RegistryDatabase database;
    private final Rows rows;

    ProductTable(RegistryDatabase database, Rows rows) {
        this.database = database;
        this.rows = rows;
    }

    /** Adds a product; false if its key is taken. */
    boolean insert(Product product) {
        String secret =
                database.cipher()
                        .encrypt(product.secret(), Rows.productOwner(product.productKey()));
        return database.write(
                "create product " + product.productKey(),
                handle ->
                        ProductColumns.bind(
                                                handle.createUpdate(
                                                        """
                                                        INSERT INTO product (product_key, secret,
                                                          created_at, %s)
                                                        VALUES (:productKey, :secret, :createdAt, %s)
                                                        ON CONFLICT (product_key) DO NOTHING
                                                        """
                                                                .formatted(
                                                                        ProductColumns.NAMES,
                                                                        ProductColumns.VALUES)),
                                                product)
                                        .bind("productKey", product.productKey())
                                        .bind("secret", secret)
                                        .bind("createdAt", product.createdAt().toEpochMilli())
                                        .execute()
                                == 1);
    }

    /**
     * Changes the settings and the revision of a product; empty if there is none.
     *
     * @param change makes what is stored, and returned, out of the product as it is; called with
     *     its row locked, by an update that changes nothing
     * @throws ProductInUseException if it is to be of another type while gateways speak for devices
     */
    Optional<Product> update(String productKey, UnaryOperator<Product> change) {
        return database.write(
                "update product " + productKey,
                handle ->
                        handle.createQuery(
                                        "UPDATE product SET name = name"
                                                + " WHERE product_key = :productKey RETURNING *")
                                .bind("productKey", productKey)
                                .map((row, context) -> rows.product(row))
                                .findOne()
                                .map(present -> store(handle, present, change.apply(present))));
    }

    /** A gateway stays one as long as it speaks for devices, and those are none. */
    private static void requireSameType(Handle handle, Product present, Product changed) {
        ProductType type = present.settings().type();
        if (type == changed.settings().type()) {
            return;
        }
        List<String> names =
                handle.createQuery(
                                """
                                SELECT product_key, device_key, gateway_product_key,
                                  gateway_device_key
                                FROM topology WHERE %s = :productKey
                                ORDER BY product_key, device_key LIMIT :limit
                                """
                                        .formatted(
                                                type == ProductType.GATEWAY
                                                        ? "gateway_product_key"
                                                        : "product_key"))
                        .bind("productKey", present.productKey())
                        .bind("limit", NAMED_MAX + 1)
                        .map(
                                (row, context) ->
                                        "%s/%s of %s/%s"
                                                .formatted(
                                                        row.getString(1),
                                                        row.getString(2),
                                                        row.getString(3),
                                                        row.getString(4)))
                        .list();
        if (!names.isEmpty()) {
            throw new ProductInUseException(
                    "the type of product '%s' cannot change while gateways speak for devices: %s%s"
                            .formatted(
                                    present.productKey(),
                                    String.join(
                                            ", ",
                                            names.subList(0, Math.min(NAMED_MAX, names.size()))),
                                    names.size() > NAMED_MAX ? " and more" : ""));
        }
    }

    private static Product store(Handle handle, Product present, Product changed) {
        requireSameType(handle, present, changed);
        if (!changed.equals(present)) {
            ProductColumns.bind(
                            handle.createUpdate(
                                    "UPDATE product SET (%s) = (%s) WHERE product_key = :productKey"
                                            .formatted(
                                                    ProductColumns.NAMES, ProductColumns.VALUES)),
                            changed)
                    .bind("productKey", changed.productKey())
                    .execute();
        }
        return changed;
    }

    /**
     * Deletes a product; false if there is none.
     *
     * @param expected the revision that it must have; empty if any will do
     * @throws ProductInUseException if it has devices
     */
    boolean delete(String productKey, OptionalLong expected) {
        return database.write(
                "delete product " + productKey,
                handle -> {
                    Optional<Long> present =
                            handle.createQuery(
                                            "UPDATE product SET revision = revision"
                                                    + " WHERE product_key = :productKey"
                                                    + " RETURNING revision")
                                    .bind("productKey", productKey)
                                    .mapTo(Long.class)
                                    .findOne();
                    if (present.isEmpty()) {
                        return false;
                    }
                    Revisions.require("product '" + productKey + "'", expected, present.get());
                    long devices =
                            handle.createQuery(
                                            "SELECT COUNT(*) FROM device"
                                                    + " WHERE product_key = :productKey")
                                    .bind("productKey", productKey)
                                    .mapTo(Long.class)
                                    .one();
                    if (devices > 0) {
                        throw new ProductInUseException(productKey, devices);
                    }
                    handle.createUpdate("DELETE FROM product WHERE product_key = :productKey")
                            .bind("productKey", productKey)
                            .execute();
                    return true;
                });
    }

    Optional<Product> find(String productKey) {
        return database.read(
                "find product",
                handle ->
                        handle.createQuery("SELECT * FROM product WHERE product_key = :productKey")
                                .bind("productKey", productKey)
                                .map((row, context) -> rows.product(row))
                                .findOne());
    }

    /** A page of the products that have all these tags, ordered by key. */
    List<Product> list(Map<String, String> tags, String afterProductKey, int limit) {
        List<String> lines = new ArrayList<>();
        tags.forEach((name, value) -> lines.add(ProductColumns.tagLine(name, value)));
        StringBuilder conditions = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            conditions.append(" AND ").append(ProductColumns.hasTagLine(":tag" + i));
        }
        return database.read(
                "list products",
                handle -> {
                    Query query =
                            handle.createQuery(
                                            """
                                            SELECT * FROM product WHERE product_key > :after%s
                                            ORDER BY product_key LIMIT :limit
                                            """
                                                    .formatted(conditions))
                                    .bind("after", afterProductKey)
                                    .bind("limit", limit);
                    for (int i = 0; i < lines.size(); i++) {
                        query.bind("tag" + i, lines.get(i));
                    }
                    return query.map((row, context) -> rows.product(row)).list();
                });
    }
}
