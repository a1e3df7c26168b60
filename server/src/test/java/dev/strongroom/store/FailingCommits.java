package dev.strongroom.store;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Connections whose writer fails to commit while told so. */
final class FailingCommits implements Connections {
  private final Connections real;
  private Statements writer;
  volatile boolean failing;

  FailingCommits(Connections real) {
    this.real = real;
  }

  @Override
  public Statements writer() throws SQLException {
    if (writer == null) {
      writer = new Statements(watched(real.writer().connection()));
    }
    return writer;
  }

  @Override
  public Connection lasting() throws SQLException {
    return real.lasting();
  }

  private Connection watched(Connection connection) {
    return (Connection)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Connection.class},
            (self, method, arguments) -> {
              Object result = invoke(connection, method, arguments);
              return result instanceof PreparedStatement statement && "commit".equals(arguments[0])
                  ? watched(statement)
                  : result;
            });
  }

  private PreparedStatement watched(PreparedStatement statement) {
    return (PreparedStatement)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {PreparedStatement.class},
            (self, method, arguments) -> {
              if (failing && method.getName().equals("executeUpdate")) {
                throw new SQLException("the commit failed, as the test asked");
              }
              return invoke(statement, method, arguments);
            });
  }

  private static Object invoke(Object target, java.lang.reflect.Method method, Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Override
  public void discardWriter() {
    writer = null;
    real.discardWriter();
  }

  @Override
  public Statements borrow() throws SQLException {
    return real.borrow();
  }

  @Override
  public void giveBack(Statements reader, boolean broken) {
    real.giveBack(reader, broken);
  }

  @Override
  public void close() {
    real.close();
  }
}
