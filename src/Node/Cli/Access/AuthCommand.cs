using System.CommandLine;
using Deucalion.Node.Security;

namespace Deucalion.Node.Cli.Access;

/// <summary><c>auth hash|token</c>: what the file of credentials is made of. Secrets are read from standard input, never from arguments, which other users of the machine see.</summary>
internal static class AuthCommand
{
    private const int MinPassword = 8;

    /// <summary>The verb with its subcommands.</summary>
    public static Command Create() => new("auth", "Makes tokens and hashes for the file that auth.file names.") { Hash(), Token() };

    private static Command Hash()
    {
        var command = new Command("hash", "Reads a password, one line of standard input, and prints its hash for an entry under 'users'.");
        command.SetAction(async (result, cancellationToken) =>
        {
            var errors = result.InvocationConfiguration.Error;
            if (!Console.IsInputRedirected)
            {
                await errors.WriteAsync("Password: ");
            }

            var password = Console.IsInputRedirected ? await Console.In.ReadLineAsync(cancellationToken) : ReadHidden(errors);
            if (password is null || password.Length < MinPassword)
            {
                await errors.WriteLineAsync($"deucalion: a password of at least {MinPassword} characters is expected on standard input");
                return 2;
            }

            await result.InvocationConfiguration.Output.WriteLineAsync(PasswordHash.Create(password).ToString());
            return 0;
        });
        return command;
    }

    private static Command Token()
    {
        var command = new Command("token", "Makes a random token and prints it and its hash, for an entry under 'tokens'. The token is shown this once.");
        command.SetAction(async (result, _) =>
        {
            var token = TokenHash.NewToken();
            await result.InvocationConfiguration.Output.WriteLineAsync($"token: {token}\nhash: {TokenHash.Of(token)}");
            return 0;
        });
        return command;
    }

    private static string ReadHidden(TextWriter errors)
    {
        var text = new System.Text.StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                text.Length = Math.Max(0, text.Length - 1);
            }
            else if (key.KeyChar != '\0')
            {
                text.Append(key.KeyChar);
            }
        }

        errors.WriteLine();
        return text.ToString();
    }
}
