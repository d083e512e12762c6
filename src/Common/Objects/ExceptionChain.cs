namespace Deucalion.Common.Objects;

/// <summary>What lies behind an exception: clients of services wrap what the network said several times.</summary>
internal static class ExceptionChain
{
    /// <summary>The exception itself or the first behind it that is of the kind, or null.</summary>
    public static T? Find<T>(Exception exception)
        where T : Exception
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is T found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>The exception that began it.</summary>
    public static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
