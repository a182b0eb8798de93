using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Muster.Hosting;

public static class AddValidatedOptionsExtensions
{
    /// <summary>
    /// Binds a configuration section (environment: <c>SECTION__Name</c>) and checks it when the process
    /// starts: it does not run with a value that cannot work, nor with a misspelled name.
    /// </summary>
    /// <param name="services">Where the options are registered.</param>
    /// <param name="section">The section's name.</param>
    /// <param name="problems">What is wrong, in sentences that name the option and print its value; nothing
    /// when all is well.</param>
    public static IServiceCollection AddValidatedOptions<T>(
        this IServiceCollection services, string section, Func<T, IEnumerable<string>> problems)
        where T : class
    {
        services.AddOptions<T>()
            .Configure<IConfiguration>((options, settings) => settings.BindOptions(section, options))
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<T>>(new ProblemsValidator<T>(problems));
        return services;
    }

    /// <summary>
    /// Fills options from a section. A name that is none, or a value of another type, is refused as any bad
    /// option is.
    /// </summary>
    /// <param name="configuration">The process's.</param>
    /// <param name="section">The section's name.</param>
    /// <param name="options">What is not set keeps its value.</param>
    /// <exception cref="OptionsValidationException">
    /// The message names section and setting, and has of an address no more than its scheme.
    /// </exception>
    public static void BindOptions<T>(this IConfiguration configuration, string section, T options)
        where T : class
    {
        var found = configuration.GetSection(section);
        // A variable of the section's own name, LOCK or NODE, is somebody else's.
        if (!found.GetChildren().Any()) return;
        try
        {
            found.Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException failure)
        {
            var why = $"{section}: {failure.Message} {failure.InnerException?.Message}".TrimEnd();
            throw new OptionsValidationException(
                section, typeof(T), [found.AsEnumerable().Aggregate(why, WithoutAddress)]);
        }
    }

    /// <summary>In an address that cannot be read nobody knows where the password is.</summary>
    private static string WithoutAddress(string text, KeyValuePair<string, string?> setting) =>
        setting.Value?.Split("://", 2) is [var scheme, _]
            ? text.Replace(setting.Value, scheme + "://***", StringComparison.Ordinal)
            : text;

    private sealed class ProblemsValidator<T>(Func<T, IEnumerable<string>> problems) : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            var found = problems(options).ToList();
            return found.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(found);
        }
    }
}
