package io.muster.devices.registry;

import io.muster.devices.Product;
import io.muster.devices.ProductInUseException;
import io.muster.devices.RegistryUnavailableException;
import java.util.List;
import java.util.Optional;

/**
 * The rows of products; shared. Every method blocks and throws {@link RegistryUnavailableException}
 * when the database cannot be asked.
 */
final class ProductTable {

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
                        handle.createUpdate(
                                                """
                                                INSERT INTO product (product_key, secret, name,
                                                  dynamic_activation, created_at)
                                                VALUES (:productKey, :secret, :name,
                                                  :dynamicActivation, :createdAt)
                                                ON CONFLICT (product_key) DO NOTHING
                                                """)
                                        .bind("productKey", product.productKey())
                                        .bind("secret", secret)
                                        .bind("name", product.name())
                                        .bind(
                                                "dynamicActivation",
                                                product.dynamicActivation() ? 1 : 0)
                                        .bind("createdAt", product.createdAt().toEpochMilli())
                                        .execute()
                                == 1);
    }

    /** Changes what is not empty; returns the product as it is then, if there is one. */
    Optional<Product> update(
            String productKey, Optional<String> name, Optional<Boolean> dynamicActivation) {
        return database.write(
                "update product " + productKey,
                handle ->
                        handle.createQuery(
                                        """
                                        UPDATE product SET
                                          name = COALESCE(:name, name),
                                          dynamic_activation = COALESCE(
                                            :dynamicActivation, dynamic_activation)
                                        WHERE product_key = :productKey
                                        RETURNING *
                                        """)
                                .bind("productKey", productKey)
                                .bind("name", name)
                                .bind("dynamicActivation", dynamicActivation.map(on -> on ? 1 : 0))
                                .map((row, context) -> rows.product(row))
                                .findOne());
    }

    /**
     * Deletes a product; false if there is none.
     *
     * @throws ProductInUseException if it has devices
     */
    boolean delete(String productKey) {
        return database.write(
                "delete product " + productKey,
                handle -> {
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
                    return handle.createUpdate(
                                            "DELETE FROM product WHERE product_key = :productKey")
                                    .bind("productKey", productKey)
                                    .execute()
                            == 1;
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

    /** A page of products, ordered by key. */
    List<Product> list(String afterProductKey, int limit) {
        return database.read(
                "list products",
                handle ->
                        handle.createQuery(
                                        """
                                        SELECT * FROM product WHERE product_key > :after
                                        ORDER BY product_key LIMIT :limit
                                        """)
                                .bind("after", afterProductKey)
                                .bind("limit", limit)
                                .map((row, context) -> rows.product(row))
                                .list());
    }
}
